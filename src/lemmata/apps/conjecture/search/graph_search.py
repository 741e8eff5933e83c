"""Every graph, order by order, one of each isomorphism class."""

from __future__ import annotations

from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.exact.graphs import Rows, graph
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.search.blocks import Blocks
from lemmata.apps.conjecture.search.graph_list import extended

_MOST_ORDER = 8
"""Listing order 9 (274,668 graphs) takes longer than anyone waits."""


class GraphSearch:
    """Covers the graphs of one order completely before the next; `covered` is that order."""

    name = "exhaustive"

    def __init__(self, blocks: Blocks, clock: Clock, limit: int | None) -> None:
        self._blocks, self._clock = blocks, clock
        variable = blocks.spec.variables[0]
        self._low = int(variable.low) if variable.low is not None else 1
        self._high = int(variable.high) if variable.high is not None else None
        ends = [end for end in (limit, self._high, _MOST_ORDER) if end is not None]
        self.goal: int | None = min(ends)
        self.limited = limit is not None
        self.covered = self._low - 1
        self._listed: dict[int, list[Rows]] = {1: [(0,)]}
        self._next = 0
        self.points = 0

    @property
    def done(self) -> bool:
        return self.goal is not None and self.covered >= self.goal

    @property
    def complete(self) -> bool:
        return self._high is not None and self.covered >= self._high

    @property
    def state(self) -> dict[str, Any]:
        """`next` is the place in the list of the order after `covered`."""
        return {"covered": self.covered, "next": self._next, "points": self.points}

    def restore(self, state: dict[str, Any]) -> None:
        self.covered, self._next = int(state["covered"]), int(state["next"])
        self.points = int(state["points"])

    def advance(self, below: int | None = None) -> Point | None:
        """Judge graphs of the next order for a while; the first that fails. Raises TimeUp."""
        del below  # orders are covered from the smallest, so there is no lesser one to look for
        graphs = self._graphs(self.covered + 1)
        until = self._clock.seconds + 0.3
        while self._next < len(graphs):
            point = (graph(graphs[self._next]),)
            failed = self._blocks.settle([point]) is not None
            self._next += 1
            self.points += 1
            if failed:
                return point
            if self._clock.seconds > until:
                return None
        self.covered, self._next = self.covered + 1, 0
        return None

    def _graphs(self, order: int) -> list[Rows]:
        for n in range(2, order + 1):
            if n not in self._listed:
                self._listed[n] = extended(self._listed[n - 1], self._clock.check)
        return self._listed[order]
