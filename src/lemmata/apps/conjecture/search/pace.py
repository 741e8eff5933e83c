"""How often a search tells of itself and saves, and how long it will still take."""

from __future__ import annotations

_TELL_S, _SAVE_S = 1.0, 2.0


class Pace:
    """Asked with the seconds of this run; says yes when it is time again."""

    def __init__(self) -> None:
        self._told = self._saved = 0.0

    def save(self, now: float) -> bool:
        due = now - self._saved >= _SAVE_S
        self._saved = now if due else self._saved
        return due

    def tell(self, now: float) -> bool:
        due = now - self._told >= _TELL_S
        self._told = now if due else self._told
        return due


def left(budget: float, points: int | None, rate: float) -> float | None:
    """Seconds until the goal is reached, `points` from here, or the budget ends; None if never."""
    ends = [budget] if budget != float("inf") else []
    if points is not None and rate > 0:
        ends.append(points / rate)
    return min(ends, default=None)
