"""One block of points: the kernels say what is sure, the exact evaluators settle the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lemmata.apps.conjecture.exact.evaluate import Judgement, Point
from lemmata.apps.conjecture.exact.judges import judge, scout
from lemmata.apps.conjecture.kernels import bounds
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vector import Slack, Vector
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Truths, Value, both
from lemmata.apps.conjecture.language.forms import cleared, modular, summed
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Node, conjuncts, free_names
from lemmata.apps.conjecture.search.boxes import Boxes, Columns
from lemmata.apps.conjecture.search.points import extent, key, to_json


@dataclass(slots=True)
class Tally:
    """What the looking found besides counterexamples; all of it is reported."""

    points: int = 0
    """Points where the guard holds and the claim was decided."""
    by_kernel: int = 0
    """Of these, decided by the kernels alone."""
    undefined: int = 0
    out_of_reach: int = 0
    disagreements: int = 0
    """Hits of a kernel or a scout that the independent judge does not confirm."""
    least_unknown: int | None = None
    """The least extent of a point out of reach: below it, a counterexample is surely minimal."""
    unconfirmed: list[list[Any]] = field(default_factory=list)
    """Some points that fail as far as the scout sees, and that the judge could not afford."""


class Blocks:
    """Evaluates blocks of one spec and keeps the tally."""

    def __init__(self, spec: Spec, clock: Clock) -> None:
        self.spec, self._clock = spec, clock
        self.boxes = Boxes(spec)
        self.vector = Vector(spec.scope, clock)
        self.judge, self.scout = judge(spec), scout(spec)
        self.tally = Tally()
        used = frozenset(spec.scope)
        self._claim = summed(cleared(modular(spec.claim), spec.scope), used)
        guards = conjuncts(spec.guard) if spec.guard is not None else ()
        self._guards = tuple(summed(cleared(modular(part), spec.scope), used) for part in guards)
        self.overflowed = False
        """Whether some block had to go to the exact evaluator because int64 might not hold it."""

    def keep(self, rows: Columns, complete: frozenset[str]) -> Array | None:
        """Which rows the guard may admit, as far as the variables in `complete` can tell."""
        newest = list(rows)[-1]
        parts = [
            part
            for part in self._guards
            if newest in free_names(part) and free_names(part) <= complete
        ]
        if not parts:
            return None
        values, height = self.boxes.value(rows), len(rows[newest])
        kept = np.ones(height, dtype=bool)
        for part in parts:
            if not self._fits((part,), values):
                continue
            kept &= self.vector.truths(part, values, height).maybe
        return kept

    def look(self, rows: Columns) -> tuple[Point | None, Slack | None]:
        """The least counterexample among the rows, and their slack."""
        values, height = self.boxes.value(rows), len(next(iter(rows.values())))
        if not self._fits((*self._guards, self._claim), values):
            self.overflowed = True
            return self.settle([self.boxes.point(rows, row) for row in range(height)]), None
        inside = self._guarded(values, height)
        found, slack = self.vector.claim(self._claim, values, height)
        doubtful = np.flatnonzero(inside.maybe & ~found.sure)
        decided = int((inside.sure & found.sure).sum())
        self.tally.points += decided
        self.tally.by_kernel += decided
        if slack is not None:
            slack = Slack(slack.kind, np.where(inside.maybe & found.sure, slack.values, np.nan))
        return self._settle(rows, doubtful, inside.sure & ~found.maybe), slack

    def _guarded(self, values: dict[str, Value], height: int) -> Truths:
        everything = np.ones(height, dtype=bool)
        inside = Truths(everything, everything)
        for part in self._guards:
            inside = both(inside, self.vector.truths(part, values, height))
        return inside

    def _settle(self, rows: Columns, doubtful: Array, sure: Array) -> Point | None:
        """Judge the rows in doubt by rising extent, until one fails: the rest cannot be less."""
        extents = self.boxes.extents(rows)[doubtful]
        for size in np.unique(extents).tolist():
            self._clock.check()
            level = [
                (self.boxes.point(rows, row), bool(sure[row]))
                for row in doubtful[extents == size].tolist()
            ]
            for point, failing in sorted(level, key=lambda pair: key(pair[0])):
                self._clock.check()
                if self._verdict(point, failing) == "fails":
                    return point
        return None

    def settle(self, points: Sequence[Point]) -> Point | None:
        """The least of the points that fails, by the exact evaluators alone."""
        best: Point | None = None
        for point in points:
            self._clock.check()
            if self._verdict(point) == "fails" and (best is None or key(point) < key(best)):
                best = point
        return best

    def _verdict(self, point: Point, failing: bool = False) -> Judgement:
        """What the judge says, counted; the scout is asked first unless a kernel was sure."""
        said: Judgement = "fails" if failing else self.scout.judge(point)
        if said == "fails":
            return self.confirm(point)
        if said == "undefined":
            self.tally.undefined += 1
        elif said == "out of reach":
            self._unknown(point)
        else:
            self.tally.points += said == "holds"
        return said

    def confirm(self, point: Point) -> Judgement:
        """The independent judge on a point that fails; a difference is counted, never believed."""
        said = self.judge.judge(point)
        if said == "out of reach":
            self._unknown(point)
            if len(self.tally.unconfirmed) < 20:
                self.tally.unconfirmed.append(to_json(point))
        elif said == "undefined":
            self.tally.undefined += 1
        elif said != "fails":
            self.tally.disagreements += 1
        return said

    def _unknown(self, point: Point) -> None:
        self.tally.out_of_reach += 1
        least, here = self.tally.least_unknown, max(map(extent, point))
        self.tally.least_unknown = here if least is None else min(least, here)

    def _fits(self, nodes: tuple[Node, ...], values: dict[str, Value]) -> bool:
        """Whether no integer of these nodes can leave int64 for these rows."""
        ranges = {
            name: (int(value.values.min()), int(value.values.max()))
            for name, value in values.items()
            if isinstance(value, Ints)
        }
        try:
            for node in nodes:
                bounds.prove(node, ranges, self.spec.scope)
        except bounds.Overflow:
            return False
        return True
