"""A choice made by measuring, again and again, while the work goes on.

What is fastest depends on the machine and on what else it does: a second thread halves the time of
a large decode call and doubles that of a small one whenever another program wants the same core.
So the best choice so far is used, and its neighbours are tried now and then, ever more rarely while
that does not pay. Other programs come in bursts, and a burst only ever adds time: choices are
compared by the medians of several uses.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from statistics import median

LOOKS = 3
"""Uses of a choice before it is judged."""
SHORTEST_PAUSE, LONGEST_PAUSE = 16, 256
"""Uses of the best between two tries of another choice."""
_WINDOW = 5
"""Latest uses of the best that count."""
_WORTH = 0.97
"""What another choice must cost, of what the best does, to take its place."""
_HOPELESS = 2.0
"""A single use that costs so many times the best ends a try."""
_CHANGED = 1.5
"""So much dearer than when it was chosen, the best is doubted at once."""


class Tuner:
    """Finds the cheapest of `choices`, which are ordered: neighbours in the list are alike. May be
    used from any thread: contexts that do the same work measure together."""

    def __init__(self, choices: Sequence[int]) -> None:
        self._lock = threading.Lock()
        self._choices = list(choices)
        self._first_looks = self._choices * LOOKS  # in turns, so that a burst falls on all
        self._costs = {choice: deque[float](maxlen=_WINDOW) for choice in choices}
        self._trial: int | None = None
        self._pause = self._until = SHORTEST_PAUSE
        self._up = False
        self._chosen_at = 0.0
        self.best = self._choices[-1]
        """The cheapest so far; the last choice before all were seen."""

    def pick(self) -> int:
        """What to use now."""
        with self._lock:
            if self._first_looks:
                return self._first_looks[-1]
            return self.best if self._trial is None else self._trial

    def note(self, choice: int, cost: float) -> None:
        """What one use of `choice` cost (any unit, the same for all)."""
        with self._lock:
            self._costs[choice].append(cost)
            if self._first_looks:
                self._look(choice)
            elif choice == self._trial:
                self._judge(choice, cost)
            elif choice == self.best:
                self._doubt()

    def _typical(self, choice: int) -> float:
        return median(self._costs[choice])

    def _look(self, choice: int) -> None:
        if choice == self._first_looks[-1]:
            self._first_looks.pop()
        if not self._first_looks:
            self._settle(min(self._choices, key=self._typical))

    def _settle(self, choice: int) -> None:
        self.best, self._trial = choice, None
        self._chosen_at = self._typical(choice)
        self._until = self._pause

    def _doubt(self) -> None:
        """Count down to the next try; it comes at once where the best has become much dearer."""
        self._until -= 1
        changed = self._typical(self.best) > _CHANGED * self._chosen_at
        if changed:
            self._pause = SHORTEST_PAUSE
        if self._until <= 0 or changed:
            self._try_neighbour()

    def _try_neighbour(self) -> None:
        others = self._neighbours()
        self._up = not self._up
        if not others:
            self._until = LONGEST_PAUSE
            return
        self._trial = others[-1 if self._up else 0]
        self._costs[self._trial].clear()

    def _neighbours(self) -> list[int]:
        at = self._choices.index(self.best)
        return [self._choices[n] for n in (at - 1, at + 1) if 0 <= n < len(self._choices)]

    def _judge(self, choice: int, cost: float) -> None:
        """Try again soon where trying changed the choice, else after twice as long."""
        usual = self._typical(self.best)
        if cost <= _HOPELESS * usual and len(self._costs[choice]) < LOOKS:
            return
        paid = self._typical(choice) < _WORTH * usual
        self._pause = SHORTEST_PAUSE if paid else min(2 * self._pause, LONGEST_PAUSE)
        self._settle(choice if paid else self.best)


def thread_counts(most: int) -> list[int]:
    """1, 2, 4, … and `most`."""
    return [*(1 << n for n in range(most.bit_length()) if 1 << n < most), most]
