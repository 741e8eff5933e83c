"""The two exact evaluators: a quick one to look with, and an independent one to judge."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lemmata.apps.conjecture.exact import quick
from lemmata.apps.conjecture.exact.definitions import DEFINED
from lemmata.apps.conjecture.exact.evaluate import Evaluator
from lemmata.apps.conjecture.exact.graphs import FAST
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import Spec


def judge(spec: Spec) -> Evaluator:
    """By the definitions alone: what it says of a point is what is reported."""
    return Evaluator(spec, _defined())


def scout(spec: Spec, fuel: int = 300_000, seconds: float = 2.0) -> Evaluator:
    """With a quick primality test, bit-mask graphs and a memory; its hits go to the judge."""
    known = {name: _remembered(function) for name, function in _defined().items()}
    tests = {"prime": quick.prime, "composite": quick.composite, "nextprime": quick.next_prime}
    return Evaluator(spec, {**known, **FAST, **tests}, fuel, seconds)


def _defined() -> dict[str, Callable[..., Any]]:
    return {name: DEFINED[name] for name in FUNCTIONS if name in DEFINED}


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    return lru_cache(maxsize=1 << 16)(function)
