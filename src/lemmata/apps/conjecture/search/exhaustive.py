"""Every point, shell by shell from the smallest: what it covers, it covers without a gap."""

from __future__ import annotations

from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vector import Slack
from lemmata.apps.conjecture.search.blocks import Blocks
from lemmata.apps.conjecture.search.boxes import Columns
from lemmata.apps.conjecture.search.near import Near
from lemmata.apps.conjecture.search.points import key

_SHORT, _LONG = 0.3, 1.0
_MOST_POINTS = 1 << 20
"""Aimed at for one shell: larger ones gain no speed and lose more when they are cut."""


class Exhaustive:
    """Covers the box of extent m completely before it goes on; `covered` is that m."""

    name = "exhaustive"

    def __init__(self, blocks: Blocks, near: Near, clock: Clock, limit: int | None) -> None:
        self._blocks, self._near, self._clock = blocks, near, clock
        reach = blocks.boxes.reach
        self.goal = min((g for g in (limit, reach) if g is not None), default=None)
        self.covered = blocks.boxes.start
        self._step = 16
        self._kernel = blocks.vector.state

    @property
    def done(self) -> bool:
        return self.goal is not None and self.covered >= self.goal

    @property
    def complete(self) -> bool:
        """Whether the whole domain is covered."""
        end = self._blocks.boxes.end
        return end is not None and self.covered >= end

    @property
    def points(self) -> int:
        """Points of the covered box, before the guard."""
        return self._blocks.boxes.count(-1, self.covered)

    @property
    def state(self) -> dict[str, Any]:
        """As of the last complete shell, whatever is being done now."""
        return {"covered": self.covered, "step": self._step, "kernel": self._kernel}

    def restore(self, state: dict[str, Any]) -> None:
        self.covered, self._step = int(state["covered"]), int(state["step"])
        self._kernel = state["kernel"]
        self._blocks.vector.restore(self._kernel)

    def advance(self, below: int | None = None) -> Point | None:
        """Cover the next shell; its least counterexample, if it has one. Raises TimeUp, and then
        nothing of the shell counts. `below`: stop there, to look for a lesser one."""
        outer = self._outer(below)
        began = self._clock.seconds
        try:
            best = self._shell(self.covered, outer)
        except BaseException:
            self._blocks.vector.restore(self._kernel)
            raise
        self._pace(self._clock.seconds - began, self._blocks.boxes.count(self.covered, outer))
        self.covered, self._kernel = outer, self._blocks.vector.state
        return best

    def _outer(self, below: int | None) -> int:
        ends = [end for end in (self.goal, below) if end is not None]
        return max(min([self.covered + self._step, *ends]), self.covered + 1)

    def _shell(self, inner: int, outer: int) -> Point | None:
        best: Point | None = None
        for rows in self._blocks.boxes.shell(inner, outer, self._blocks.keep):
            self._clock.check()
            found, slack = self._blocks.look(rows)
            self._remember(rows, slack)
            if found is not None and (best is None or key(found) < key(best)):
                best = found
        return best

    def _remember(self, rows: Columns, slack: Slack | None) -> None:
        if slack is not None:
            self._near.take(slack, lambda row: self._blocks.boxes.point(rows, row))

    def _pace(self, seconds: float, points: int) -> None:
        if seconds < _SHORT and points < _MOST_POINTS:
            self._step *= 2
        elif seconds > _LONG:
            self._step = max(1, self._step // 2)
