"""Sums of terms of one variable each: both halves are listed and matched (meet in the middle).

`a^5 + b^5 + c^5 + d^5 != e^5` over a box of side m has m^5 points, but three of its variables
have m^3 sums and the other two m^2. All matches are found, so the box is covered completely.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.kernels.bounds import Overflow, bound
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vectors import Array, Ints
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import (
    Compare,
    Negate,
    Node,
    Not,
    Operate,
    free_names,
)
from lemmata.apps.conjecture.search.blocks import Blocks
from lemmata.apps.conjecture.search.boxes import Boxes, Columns
from lemmata.apps.conjecture.search.points import key

_MOST_SUMS = 1 << 23


class Separable:
    """Covers growing boxes of a claim `sum of one-variable terms != the same`."""

    name = "meet in the middle"

    def __init__(self, blocks: Blocks, clock: Clock, limit: int | None) -> None:
        self._blocks, self._clock, self._limit = blocks, clock, limit
        self._halves = _halves(blocks.spec)
        self.covered = blocks.boxes.start
        self.done = self._halves is None
        self.points = 0

    @property
    def applies(self) -> bool:
        return self._halves is not None

    @property
    def state(self) -> dict[str, Any]:
        return {"covered": self.covered, "done": self.done}

    def restore(self, state: dict[str, Any]) -> None:
        self.covered, self.done = int(state["covered"]), bool(state["done"])

    def advance(self) -> Point | None:
        """Cover the next box; its least counterexample, if it has one. Raises TimeUp."""
        assert self._halves is not None
        outer = max(16, self.covered * 5 // 4 + 1)
        ends = [end for end in (self._limit, self._blocks.boxes.end) if end is not None]
        outer = min([outer, *ends])
        try:
            one, two = (self._sums(half, outer) for half in self._halves)
        except (_TooMany, Overflow):
            self.done = True
            return None
        best = self._match(one, two)
        self.covered = outer
        self.points = self._blocks.boxes.count(-1, outer)
        self.done = self.done or (bool(ends) and outer >= min(ends))
        return best

    def _sums(self, half: tuple[tuple[str, Node], ...], outer: int) -> tuple[Columns, Array]:
        """The points of one half, and the sum of its terms at each."""
        names = {name for name, _ in half}
        spec = self._blocks.spec
        part = Spec(
            tuple(variable for variable in spec.variables if variable.name in names),
            None,
            spec.claim,
        )
        blocks = []
        total = 0
        for rows in Boxes(part).shell(-1, outer, self._blocks.keep):
            self._clock.check()
            total += len(next(iter(rows.values())))
            if total > _MOST_SUMS:
                raise _TooMany
            blocks.append(rows)
        if not blocks:
            raise _TooMany
        columns = {name: np.concatenate([rows[name] for rows in blocks]) for name in blocks[0]}
        ranges = {name: (int(c.min()), int(c.max())) for name, c in columns.items()}
        values = np.zeros(total, dtype=np.int64)
        for _, term in half:
            bound(term, ranges, spec.scope)
            found = self._blocks.vector.value(term, {n: Ints(c) for n, c in columns.items()})
            assert isinstance(found, Ints)
            if found.bad is not None or np.abs(found.values).max(initial=0) > 1 << 58:
                raise Overflow
            values = values + found.values
        return columns, values

    def _match(self, one: tuple[Columns, Array], two: tuple[Columns, Array]) -> Point | None:
        """The least point where the two halves cancel and the guard holds."""
        (rows, sums), (others, negatives) = one, (two[0], -two[1])
        order = np.argsort(negatives, kind="stable")
        targets = negatives[order]
        first = np.searchsorted(targets, sums, side="left")
        last = np.searchsorted(targets, sums, side="right")
        best: Point | None = None
        for hit in np.flatnonzero(last > first).tolist():
            self._clock.check()
            for place in order[first[hit] : last[hit]].tolist():
                point = self._joined(rows, hit, others, place)
                if (best is None or key(point) < key(best)) and self._fails(point):
                    best = point
        return best

    def _joined(self, rows: Columns, row: int, others: Columns, other: int) -> Point:
        return tuple(
            int(rows[v.name][row]) if v.name in rows else int(others[v.name][other])
            for v in self._blocks.spec.variables
        )

    def _fails(self, point: Point) -> bool:
        scout = self._blocks.scout
        return scout.judge(point) == "fails" and self._blocks.confirm(point) == "fails"


class _TooMany(Exception):
    """The sums of a half no longer fit into memory."""


def _halves(
    spec: Spec,
) -> tuple[tuple[tuple[str, Node], ...], tuple[tuple[str, Node], ...]] | None:
    """The claim's terms, each with its variable, in two halves; None where it has no such form."""
    claim = spec.claim
    if isinstance(claim, Not) and isinstance(claim.operand, Compare):
        claim = (
            Compare("!=", claim.operand.left, claim.operand.right)
            if (claim.operand.op == "=")
            else claim
        )
    if not isinstance(claim, Compare) or claim.op != "!=" or len(spec.variables) < 3:
        return None
    if any(variable.sort != "integer" for variable in spec.variables):
        return None
    terms = _terms(claim.left, False) + _terms(claim.right, True)
    if any(len(free_names(term)) > 1 for term in terms):
        return None
    names = [variable.name for variable in spec.variables]
    cut = (len(names) + 1) // 2
    one = tuple((_only(term, names), term) for term in terms)
    if {name for name, _ in one} != set(names):
        return None
    near = set(names[:cut])
    return (
        tuple(pair for pair in one if pair[0] in near),
        tuple(pair for pair in one if pair[0] not in near),
    )


def _only(term: Node, names: list[str]) -> str:
    """The variable of a term; a constant goes with the first."""
    return next(iter(free_names(term)), names[0])


def _terms(node: Node, negative: bool) -> list[Node]:
    match node:
        case Operate("+", left, right):
            return _terms(left, negative) + _terms(right, negative)
        case Operate("-", left, right):
            return _terms(left, negative) + _terms(right, not negative)
        case Negate(operand):
            return _terms(operand, not negative)
        case _:
            return [Negate(node) if negative else node]
