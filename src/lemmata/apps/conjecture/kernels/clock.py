"""When to stop. Long loops ask it, so that no block outlives the budget by much."""

from __future__ import annotations

import time


class TimeUp(Exception):
    """The budget is spent; what is unfinished is thrown away."""


class Clock:
    """Counts seconds from its making; `budget` may be infinite."""

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self._start = time.monotonic()
        self._ends = [budget]

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    @property
    def left(self) -> float:
        """Seconds until the nearest end; negative once it has passed."""
        return min(self._ends) - self.seconds

    def check(self) -> None:
        """Raises TimeUp past the end."""
        if self.left <= 0:
            raise TimeUp

    def slice(self, seconds: float) -> Slice:
        """For the `with` block, the end comes after `seconds` at most."""
        return Slice(self, self.seconds + seconds)

    def push(self, end: float) -> None:
        self._ends.append(end)

    def pop(self) -> None:
        self._ends.pop()


class Slice:
    """A shorter end within a clock."""

    def __init__(self, clock: Clock, end: float) -> None:
        self._clock, self._end = clock, end

    def __enter__(self) -> None:
        self._clock.push(self._end)

    def __exit__(self, *_: object) -> None:
        self._clock.pop()
