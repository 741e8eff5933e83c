"""A choice made by measuring, again and again, while the work goes on.

What is fastest depends on the machine and on what else it does: a second thread halves the time of
a large decode call and doubles that of a small one whenever another program wants the same core.
So the best choice so far is used, and its neighbours are tried now and then, ever more rarely while
that does not pay.
"""

from __future__ import annotations

from collections.abc import Sequence

FIRST_LOOKS = 2
"""Uses of each choice before the first comparison."""
SHORTEST_PAUSE, LONGEST_PAUSE = 16, 512
"""Uses between two tries of another choice."""
_NEWEST = 0.25
"""Weight of the newest cost in the running mean of the best choice; twice that for a tried one."""


class Tuner:
    """Finds the cheapest of `choices`, which are ordered: neighbours in the list are alike."""

    def __init__(self, choices: Sequence[int]) -> None:
        self._choices = list(choices)
        self._costs: dict[int, float] = {}
        self._unseen = [choice for choice in choices for _ in range(FIRST_LOOKS)]
        self._pause = self._until = SHORTEST_PAUSE
        self._up = False

    @property
    def best(self) -> int:
        """The cheapest so far; the last choice before anything was seen."""
        seen = self._costs
        return min(seen, key=lambda choice: seen[choice]) if seen else self._choices[-1]

    def pick(self) -> int:
        """What to use now."""
        if self._unseen:
            return self._unseen[-1]
        if self._until > 0:
            return self.best
        at = self._choices.index(self.best) + (1 if self._up else -1)
        return self._choices[at] if 0 <= at < len(self._choices) else self.best

    def note(self, choice: int, cost: float) -> None:
        """What one use of `choice` cost (any unit, the same for all)."""
        former = self._costs.get(choice, cost)
        if choice in self._unseen:
            self._unseen.remove(choice)
            self._costs[choice] = min(former, cost)  # the first use also pays for warming up
            return
        best, trying = self.best, self._until <= 0
        weight = 2 * _NEWEST if choice != best else _NEWEST
        self._costs[choice] = former + weight * (cost - former)
        self._until -= 1
        if trying and not self._unseen:
            self._plan(paid=self.best != best)

    def _plan(self, paid: bool) -> None:
        """Try again soon where trying changed the choice, else after twice as long."""
        self._pause = SHORTEST_PAUSE if paid else min(2 * self._pause, LONGEST_PAUSE)
        self._until, self._up = self._pause, not self._up


def thread_counts(most: int) -> list[int]:
    """1, 2, 4, … and `most`."""
    return [*(1 << n for n in range(most.bit_length()) if 1 << n < most), most]
