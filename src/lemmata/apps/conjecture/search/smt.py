"""Z3, where the theory fits: polynomials over integers and reals, and small fixed ranges.

`unsat` proves the conjecture, over the whole domain or over a box; a model is a counterexample to
be judged like any other. Z3 runs in a process of its own, for its C code heeds no clock.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from fractions import Fraction
from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Node,
    Number,
    Operate,
    walk,
)
from lemmata.apps.conjecture.search.blocks import Blocks

_BOX = 10**6
_CALLS = frozenset({"abs", "min", "max", "even", "odd"})


class Solver:
    """One question to Z3; `proved` says over what, once it has answered unsat."""

    name = "z3"

    def __init__(self, blocks: Blocks, clock: Clock, seconds: float) -> None:
        self._blocks, self._clock, self._seconds = blocks, clock, seconds
        self.applies = fits(blocks.spec)
        self.done = not self.applies
        self.proved: dict[str, Any] | None = None
        self.points = 0

    @staticmethod
    def installed() -> bool:
        return importlib.util.find_spec("z3") is not None

    def advance(self) -> Point | None:
        """Ask; the counterexample of its model, if the judge confirms it."""
        self.done = True
        seconds = max(1.0, min(self._seconds, self._clock.left))
        answer = _ask(self._blocks.spec, seconds)
        self.points = 1
        if answer["status"] == "unsat":
            box = answer["box"]
            self.proved = {"by": f"Z3 {answer['version']}", "box": box}
        if answer["status"] != "sat":
            return None
        point = tuple(
            int(text) if variable.sort == "integer" else Fraction(text)
            for text, variable in zip(answer["model"], self._blocks.spec.variables, strict=True)
        )
        return point if self._blocks.settle([point]) is not None else None


def fits(spec: Spec) -> bool:
    """Whether Z3 is worth asking: no graphs, no functions it would have to be taught."""
    if any(variable.sort == "graph" for variable in spec.variables):
        return False
    guard = tuple(walk(spec.guard)) if spec.guard is not None else ()
    claim = tuple(walk(spec.claim))
    if not all(map(_fits, (*guard, *claim))):
        return False
    # Z3 is told that every divisor is not 0. Where `or` may step round a division, that would
    # leave points out, so divisions are let through only in a plain comparison.
    plain = isinstance(spec.claim, Compare) and not any(isinstance(n, Bind) for n in claim)
    return not any(map(_divides, guard)) and (plain or not any(map(_divides, claim)))


def _divides(node: Node) -> bool:
    return isinstance(node, Operate) and node.op == "/" and not _positive(node.right)


def _positive(node: Node) -> bool:
    return isinstance(node, Number) and node.value > 0


def _fits(node: Node) -> bool:
    match node:
        case Call(function, _):
            return function in _CALLS
        case Operate("^", _, exponent):
            return isinstance(exponent, Number) and exponent.value <= 12
        case Operate("//" | "mod", _, divisor):
            return _positive(divisor)
        case Bind(_, _, low, high, _):
            ends = isinstance(low, Number) and isinstance(high, Number)
            return ends and isinstance(high, Number) and high.value <= 20
        case _:
            return True


def _ask(spec: Spec, seconds: float) -> dict[str, Any]:
    request = json.dumps({"spec": spec.to_json(), "seconds": seconds, "box": _BOX})
    command = [sys.executable, "-m", "lemmata.apps.conjecture.search.smt_worker"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, the spec goes in as data
            command, input=request, capture_output=True, text=True, timeout=seconds + 5, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return {"status": "unknown"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
