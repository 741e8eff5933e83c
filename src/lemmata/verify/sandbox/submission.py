"""One submission: a program, a sandbox of its own, and its tests one after the other."""

from __future__ import annotations

from types import TracebackType

from lemmata.verify.sandbox.box import Box, Broken, Source
from lemmata.verify.sandbox.limits import Limits, Run
from lemmata.verify.sandbox.pool import Pool
from lemmata.verify.sandbox.trial import Order, Trial

ATTEMPTS = 3
"""Fresh sandboxes tried before the fault is called ours."""


class Submission:
    """Use it in a `with`: leaving throws its sandbox away. `complaint` is the compiler's, or empty.

    A test that leaves something behind, or breaks its sandbox, costs a fresh one for the next test.
    """

    def __init__(self, pool: Pool, source: Source, limits: Limits) -> None:
        self.pool, self.source, self.limits = pool, source, limits
        self.box: Box | None = None
        self.complaint = ""

    def __enter__(self) -> Submission:
        for attempt in range(ATTEMPTS):
            try:
                self._prepare()
                return self
            except Broken:
                if attempt == ATTEMPTS - 1:
                    raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def run(self, order: Order, limits: Limits | None = None) -> Run:
        """Run one test, by the submission's limits or tighter ones. IE is a fault of ours."""
        assert not self.complaint, "a program that does not compile has no tests"
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                return Trial(self._prepare(), order, limits or self.limits).run()
            except Broken as broken:  # before the test began
                self._leave()
                reason = str(broken)
        return Run("IE", reason=reason)

    def _prepare(self) -> Box:
        """A loaded sandbox that no earlier test has left anything in."""
        if self.box and not self.box.spent:
            return self.box
        self._leave()
        self.box = self.pool.take()
        try:
            self.complaint = self.box.load(self.source, self.limits)
        except Broken:
            self._leave()
            raise
        return self.box

    def _leave(self) -> None:
        if self.box:
            self.pool.discard(self.box)
            self.box = None
