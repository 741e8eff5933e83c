"""Grouping the answers of several derivations by their value, and knowing when to stop asking.

A `Ballot` is told of each finished derivation. It is decided when the leader can no longer be
caught up with, or when the posterior of `posterior.py` reaches the confidence that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lemmata.solve import posterior
from lemmata.solve.events import Standing
from lemmata.solve.weights import HEAVIEST

Equal = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Samples (by index) whose answers are equal; `answer` is the first of them as written,
    `weight` the sum of their votes."""

    answer: str
    samples: tuple[int, ...]
    weight: float = 0.0


def clusters(answers: Sequence[str | None], equal: Equal) -> list[Cluster]:
    """Equal answers together, each with one vote, the largest group first, ties by first
    appearance.

    `answers[i]` is sample i's answer, or None where it gave none; those are in no cluster.
    """
    ballot = Ballot(len(answers), equal)
    for sample, answer in enumerate(answers):
        ballot.add(sample, answer, 1.0)
    return ballot.clusters


class Ballot:
    """`votes` derivations at most; `confidence` None counts on until the leader cannot lose."""

    def __init__(self, votes: int, equal: Equal, confidence: float | None = None) -> None:
        self.votes, self._equal, self._confidence = votes, equal, confidence
        self._clusters: list[Cluster] = []
        self.counted = 0

    def add(self, sample: int, answer: str | None, weight: float) -> None:
        """Count a finished derivation; one without an answer votes for nobody."""
        self.counted += 1
        if answer is None:
            return
        at = next((i for i, c in enumerate(self._clusters) if self._same(c.answer, answer)), None)
        if at is None:
            self._clusters.append(Cluster(answer, (sample,), weight))
        else:
            old = self._clusters[at]
            self._clusters[at] = Cluster(old.answer, (*old.samples, sample), old.weight + weight)

    def _same(self, first: str, second: str) -> bool:
        return first.strip() == second.strip() or self._equal(first, second)

    @property
    def clusters(self) -> list[Cluster]:
        """The heaviest first, ties by first appearance."""
        return sorted(self._clusters, key=lambda cluster: -cluster.weight)

    def _leaders(self) -> tuple[float, float]:
        weights = [cluster.weight for cluster in self.clusters] + [0.0, 0.0]
        return weights[0], weights[1]

    @property
    def decided(self) -> str:
        """What settled it, for a person; "" while it is open."""
        leader, second = self._leaders()
        left = self.votes - self.counted
        if left <= 0:
            return "all votes are counted"
        if leader - second > left * HEAVIEST:
            return f"{left} more could not change it"
        if self._confidence is not None and leader > 0:
            sure = posterior.confidence(leader, second)
            if sure >= self._confidence:
                return f"confidence {sure:.3f} reached, {left} not needed"
        return ""

    @property
    def wanted(self) -> int:
        """Derivations that should be under way now: the fewest that could settle it, if all of them
        agreed with the leader. 0 once it is decided."""
        if self.decided:
            return 0
        left = self.votes - self.counted
        leader, second = self._leaders()
        sure = left
        if self._confidence is not None:
            sure = posterior.further(leader, second, self._confidence, left)
        certain = next(
            (n for n in range(left) if leader + n - second > (left - n) * HEAVIEST), left
        )
        return max(1, min(sure, certain))

    def standing(self) -> Standing:
        """The groups as they stand, for those who watch."""
        groups = tuple((c.answer, round(c.weight, 3), len(c.samples)) for c in self.clusters)
        return Standing(groups, round(posterior.confidence(*self._leaders()), 4), self.decided)
