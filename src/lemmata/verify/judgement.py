"""What a judged submission comes to: a letter and a line for each test, and for the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lemmata.verify.sandbox.limits import Run

Letter = Literal["AC", "WA", "TLE", "MLE", "OLE", "RE", "CE", "IE"]
EXCERPT = 2000
"""Characters of output that a result carries."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test's outcome. Times in seconds; `reason` is one line for a person."""

    verdict: Letter
    reason: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mib: float = 0.0
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a submission. `verdict` is AC if all tests are, else that of the first that is
    not."""

    verdict: Letter
    tests: tuple[Outcome, ...]
    first_failing: int | None
    """Index into `tests`."""
    isolation: str
    """The rung of the sandbox it ran in: full or reduced."""
    complaint: str = ""
    """The compiler's, where the verdict is CE."""

    @property
    def passed(self) -> int:
        return sum(test.verdict == "AC" for test in self.tests)


def result_of(verdict: Letter, reason: str, run: Run) -> Outcome:
    """The result of a test that ended in `run`."""
    out = run.stdout[:EXCERPT].decode(errors="replace")
    err = run.stderr[-EXCERPT:].decode(errors="replace")
    return Outcome(verdict, reason, run.cpu_s, run.wall_s, run.peak_mib, out, err)


def returned(run: Run) -> tuple[bytes, Outcome | None]:
    """The text of the value that a call returned, or the result it has already lost by."""
    if run.status != "OK":
        return b"", result_of(run.status, run.reason, run)
    kind, value = (run.result or b"")[:1], (run.result or b"")[1:]
    if kind == b"=":
        return value, None
    shown = value[:200].decode(errors="replace")
    return b"", result_of("WA", f"returned {shown}, which no test can expect", run)
