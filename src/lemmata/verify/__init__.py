"""Nothing is believed unchecked: answers, derivations, programs. Names load on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemmata.verify.cases import Asserts as Asserts
    from lemmata.verify.cases import Call as Call
    from lemmata.verify.cases import Stdio as Stdio
    from lemmata.verify.cases import read_tests as read_tests
    from lemmata.verify.code import judge as judge
    from lemmata.verify.judgement import Judgement as Judgement
    from lemmata.verify.math import verify_math as verify_math
    from lemmata.verify.sandbox.limits import Limits as Limits
    from lemmata.verify.steps import StepReport as StepReport
    from lemmata.verify.steps import verify_steps as verify_steps

_HOMES = {
    "Asserts": "cases",
    "Call": "cases",
    "Judgement": "judgement",
    "Limits": "sandbox.limits",
    "Stdio": "cases",
    "judge": "code",
    "read_tests": "cases",
    "StepReport": "steps",
    "verify_math": "math",
    "verify_steps": "steps",
}

__all__ = [
    "Asserts",
    "Call",
    "Judgement",
    "Limits",
    "Stdio",
    "StepReport",
    "judge",
    "read_tests",
    "verify_math",
    "verify_steps",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
