"""Grouping the answers of several derivations by their value, and knowing when to stop asking.

A `Ballot` is told of each finished derivation. It is decided when the leader can no longer be
caught up with, or when the posterior of `posterior.py` reaches the confidence that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lemmata.solve import posterior
from lemmata.solve.events import Standing
from lemmata.solve.weights import ALIKE, Scale, sharpness

Equal = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Samples (by index) whose answers are equal; `answer` is the first of them as written,
    `weight` the sum of their votes as they count now."""

    answer: str
    samples: tuple[int, ...]
    weight: float = 0.0


@dataclass(slots=True)
class _Group:
    """The votes for one answer: those of derivations whose steps all passed, and the others."""

    answer: str
    samples: list[int]
    passed: float = 0.0
    doubted: float = 0.0


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

    def __init__(
        self, votes: int, equal: Equal, confidence: float | None = None, scale: Scale = ALIKE
    ) -> None:
        self.votes, self._equal, self._confidence = votes, equal, confidence
        self._scale = scale
        self._groups: list[_Group] = []
        self.counted = self._passed = self._failed = 0

    def add(self, sample: int, answer: str | None, weight: float, *, passed: bool = True) -> None:
        """Count a finished derivation; one without an answer votes for nobody. `passed`: none of
        its steps is wrong."""
        self.counted += 1
        self._failed += not passed
        if answer is None:
            return
        self._passed += passed
        group = self._group(answer)
        group.samples.append(sample)
        if passed:
            group.passed += weight
        else:
            group.doubted += weight

    def _group(self, answer: str) -> _Group:
        for group in self._groups:
            if group.answer.strip() == answer.strip() or self._equal(group.answer, answer):
                return group
        self._groups.append(_Group(answer, []))
        return self._groups[-1]

    @property
    def _sharpness(self) -> float:
        finished = self._passed + self._failed
        return sharpness(finished, self._passed) if self._scale.by_steps else 1.0

    @property
    def clusters(self) -> list[Cluster]:
        """The heaviest first, ties by first appearance."""
        factor = self._sharpness
        found = [
            Cluster(group.answer, tuple(group.samples), group.passed * factor + group.doubted)
            for group in self._groups
        ]
        return sorted(found, key=lambda cluster: -cluster.weight)

    def _leaders(self) -> tuple[float, float]:
        weights = [cluster.weight for cluster in self.clusters] + [0.0, 0.0]
        return weights[0], weights[1]

    @property
    def _lead(self) -> float:
        """Of the leader over any other, whatever the votes that passed will count one day: from
        what they count at least up to so much that nothing else does."""
        first, *others = sorted(
            self._groups or [_Group("", [])], key=lambda group: -group.passed - group.doubted
        )
        whole = [first.passed + first.doubted - o.passed - o.doubted for o in others]
        passed = [first.passed - o.passed for o in others]
        return min([first.passed, *whole, *passed])

    @property
    def decided(self) -> str:
        """What settled it, for a person; "" while it is open."""
        left = self.votes - self.counted
        if left <= 0:
            return "all votes are counted"
        if self._lead > left * self._scale.heaviest:
            return f"{left} more could not change it"
        leader, second = self._leaders()
        if self._confidence is not None and leader > 0:
            sure = posterior.confidence(leader, second)
            if sure >= self._confidence:
                return f"confidence {sure:.3f} reached, {left} not needed"
        return ""

    @property
    def wanted(self) -> int:
        """Derivations that should be under way now: the fewest that could settle it, if all of them
        agreed with the leader and weighed what is expected. 0 once it is decided."""
        if self.decided:
            return 0
        left, each = self.votes - self.counted, self._scale.expected
        sure = left
        if self._confidence is not None:
            counts = each * self._sharpness
            sure = posterior.further(*self._leaders(), self._confidence, left, counts)
        heaviest, lead = self._scale.heaviest, self._lead
        certain = next((n for n in range(left) if lead + n * each > (left - n) * heaviest), left)
        return max(1, min(sure, certain))

    def standing(self) -> Standing:
        """The groups as they stand, for those who watch."""
        groups = tuple((c.answer, round(c.weight, 3), len(c.samples)) for c in self.clusters)
        return Standing(groups, round(posterior.confidence(*self._leaders()), 4), self.decided)
