"""Lemmata: tune a small reasoner without breaking it, serve it, and check what it says.

The names below are the public Python API (`lemmata.api`). They load on first use, so that
`import lemmata` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemmata.api import evaluate as evaluate
    from lemmata.api import judge as judge
    from lemmata.api import open_engine as open_engine
    from lemmata.api import solve as solve
    from lemmata.api import train as train
    from lemmata.api import verify_math as verify_math
    from lemmata.api import verify_steps as verify_steps

__version__ = "0.1.0"
__all__ = ["evaluate", "judge", "open_engine", "solve", "train", "verify_math", "verify_steps"]


class _Package(ModuleType):
    """This package. `lemmata.solve` and `lemmata.train` are functions although packages of those
    names lie below: importing a subpackage would rebind the name, so the names are properties
    that no import can set. `from lemmata.solve import …` finds the subpackage as ever."""


def _function(name: str) -> property:
    def get(_: ModuleType) -> Any:
        return getattr(import_module("lemmata.api"), name)

    def keep(_: ModuleType, __: Any) -> None:
        """The import system binds subpackages here; the function stays."""

    return property(get, keep)


for _name in __all__:
    setattr(_Package, _name, _function(_name))
sys.modules[__name__].__class__ = _Package
