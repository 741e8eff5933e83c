"""Checks the steps of a derivation while it is written."""

from __future__ import annotations

from lemmata.types import Step
from lemmata.verify.bindings import Memory
from lemmata.verify.segment import Segment, segments
from lemmata.verify.steps import judged, memory_of


class Follower:
    """What `verify_steps` would find, as soon as it can be found, each step checked once."""

    def __init__(self, problem: str = "") -> None:
        self._problem = problem
        self._forget()

    def _forget(self) -> None:
        self._memory: Memory = memory_of(self._problem)
        self._seen: list[Segment] = []
        self._wrong: Step | None = None

    def wrong(self, text: str) -> Step | None:
        """The first wrong step of `text`, which is what was given last and more behind it, or
        begins anew. The last step is left alone until its line has ended."""
        whole = segments(text)
        if not text.rstrip(" ").endswith("\n"):
            del whole[-1:]
        if whole[: len(self._seen)] != self._seen:
            self._forget()
        for segment in whole[len(self._seen) :]:
            step = judged(segment, self._memory)
            self._seen.append(segment)
            if step.state == "fails" and self._wrong is None:
                self._wrong = step
        return self._wrong
