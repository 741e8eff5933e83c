"""Written mathematics: every step checked, the first wrong one named with the right value."""

from __future__ import annotations

from dataclasses import dataclass

from lemmata.apps.tutor.exercise import Exercise
from lemmata.types import Step, Verdict
from lemmata.verify import verify_math, verify_steps


@dataclass(frozen=True, slots=True)
class Derivation:
    """A graded derivation. `first_wrong` indexes `steps`; None: no step was found wrong."""

    verdict: Verdict
    steps: tuple[Step, ...]
    first_wrong: int | None
    coverage: float

    @property
    def passed(self) -> bool:
        return self.verdict.state == "correct" and self.first_wrong is None


def grade(exercise: Exercise, text: str) -> Derivation:
    """The answer against the gold, and the steps by themselves."""
    report = verify_steps(text, exercise.text("statement", "en"))
    return Derivation(
        verify_math(text, exercise.gold), report.steps, report.first_wrong, report.coverage
    )
