"""Walls round other people's programs. Names load on first use.

open_sandbox  the best sandbox this machine allows; refuses where there is none
level         what this machine achieves, and why not more
Limits, Run   what a run may use, and what came of it
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemmata.verify.sandbox.limits import Limits as Limits
    from lemmata.verify.sandbox.limits import Run as Run
    from lemmata.verify.sandbox.room import Sandbox as Sandbox
    from lemmata.verify.sandbox.room import level as level
    from lemmata.verify.sandbox.room import open_sandbox as open_sandbox
    from lemmata.verify.sandbox.walls import Level as Level

_HOMES = {
    "Level": "walls", "Limits": "limits", "Run": "limits", "Sandbox": "room", "level": "room",
    "open_sandbox": "room",
}  # fmt: skip

__all__ = ["Level", "Limits", "Run", "Sandbox", "level", "open_sandbox"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
