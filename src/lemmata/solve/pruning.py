"""Ending derivations at their first wrong step.

Only where another has given an answer, is under way or will be (`solve.run`), so that there always
is one; only of what is written down after thinking, where a model tries things out and may take
them back; and only where a wrong step costs a vote nearly all of its weight.
"""

from __future__ import annotations

from lemmata.solve.sample import Sample
from lemmata.verify.following import Follower


class Pruning:
    """Of one question; `problem` is its text."""

    def __init__(self, problem: str) -> None:
        self._problem = problem
        self._followers: dict[int, Follower] = {}
        self._read: dict[int, int] = {}

    def due(self, sample: Sample) -> bool:
        """Whether a line was ended since it was last read."""
        return sample.derivation.rfind("\n") > self._read.get(sample.index, -1)

    def wrong(self, sample: Sample) -> bool:
        """Blocking: reads what is new, and says whether there is a wrong step."""
        text = sample.derivation
        self._read[sample.index] = text.rfind("\n")
        follower = self._followers.setdefault(sample.index, Follower(self._problem))
        return follower.wrong(text) is not None
