"""Near misses, and the curve of how near: what a person looks at when nothing was refuted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.kernels.vector import Slack
from lemmata.apps.conjecture.search.points import to_json

_KEPT = 8
_CURVE = 400


class Near:
    """The rows nearest to failing, and a thinned curve of the nearest over the first variable."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self._best: list[tuple[float, list[Any]]] = []
        self._curve: list[tuple[float, float]] = []
        self._every = 1
        self._skipped = 0

    @property
    def misses(self) -> list[dict[str, Any]]:
        """Nearest first. `measure` is the gap left, or the least witness."""
        sign = -1 if self.kind == "witness" else 1
        return [{"point": point, "measure": sign * value + 0.0} for value, point in self._best]

    @property
    def curve(self) -> list[tuple[float, float]]:
        """(x, measure) by rising x, at most about 400."""
        return self._curve

    @property
    def state(self) -> dict[str, Any]:
        return {"kind": self.kind, "best": self._best, "curve": self._curve, "every": self._every}

    def restore(self, state: dict[str, Any]) -> None:
        self.kind, self._every = state["kind"], int(state["every"])
        self._best = [(float(value), point) for value, point in state["best"]]
        self._curve = [(float(x), float(y)) for x, y in state["curve"]]

    def take(self, slack: Slack, point: Callable[[int], Point]) -> None:
        """Take in one block; rows whose slack is NaN, because they do not hold, are left out."""
        self.kind = slack.kind
        rows = np.flatnonzero(np.isfinite(slack.values))
        if not rows.size:
            return
        nearness = slack.values[rows] * (-1 if slack.kind == "witness" else 1)
        nearest = np.arange(len(rows))
        if len(rows) > _KEPT:
            nearest = np.argpartition(nearness, _KEPT)[:_KEPT]
        nearest = nearest[np.argsort(nearness[nearest], kind="stable")]
        fresh = [(float(nearness[i]), to_json(point(int(rows[i])))) for i in nearest]
        self._best = sorted(self._best + fresh, key=lambda pair: pair[0])[:_KEPT]
        few = rows if len(rows) <= 200 and len(self._curve) < 200 else rows[nearest[:1]]
        for row in few.tolist():
            self._trace(point(int(row)), float(slack.values[row]))

    def _trace(self, point: Point, measure: float) -> None:
        if len(point) != 1:
            return
        self._skipped += 1
        if self._skipped >= self._every:
            self._skipped = 0
            self._curve.append((float(point[0]), measure))
        if len(self._curve) > _CURVE:
            # Every second one, but the low end stays as dense as it was drawn first.
            self._curve = self._curve[:100] + self._curve[100::2]
            self._every *= 2
