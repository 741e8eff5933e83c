"""Written mathematics: every step checked, the first wrong one named with the right value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lemmata.apps.tutor import wording
from lemmata.apps.tutor.exercise import Exercise, refuse_unusable
from lemmata.apps.tutor.finding import Comment
from lemmata.apps.tutor.wording import Language
from lemmata.types import Step, Verdict, as_json
from lemmata.verify import verify_math, verify_steps
from lemmata.verify.answer import extract

Nature = Literal["", "wrong-step", "wrong-answer", "no-answer", "unreadable-answer"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A graded derivation. `first_wrong` indexes `steps`; None: no step was found wrong."""

    exercise: Exercise
    text: str
    verdict: Verdict
    steps: tuple[Step, ...]
    first_wrong: int | None
    coverage: float

    @property
    def passed(self) -> bool:
        return self.verdict.state == "correct" and self.first_wrong is None

    @property
    def nature(self) -> Nature:
        if self.first_wrong is not None:
            return "wrong-step"
        if self.verdict.state == "correct":
            return ""
        if self.verdict.state == "incorrect":
            return "wrong-answer"
        return "unreadable-answer" if extract(self.text) else "no-answer"

    @property
    def line(self) -> int:
        """Of the mistake, 1-based; the last one that says something where no step is wrong."""
        if self.first_wrong is not None:
            return _line(self.text, self.steps[self.first_wrong].start)
        return _line(self.text, len(self.text.rstrip()))

    def comments(self, language: Language = "en") -> tuple[Comment, ...]:
        """What stands beside its lines: the first wrong step, or what is wrong with the answer."""
        if not self.nature:
            return ()
        said = wording.of_derivation(self.nature, self._facts(), language)
        return (Comment(self.line, self.nature, said),)

    def hint(self, level: int, language: Language = "en") -> str:
        """The hint of a level; empty where nothing is wrong. It never holds the answer, nor the
        value that is right. Raises BadInput above the teacher's cap."""
        self.exercise.allow_hint(level)
        if not self.nature:
            return ""
        return wording.hint_of_derivation(self.nature, self._facts(), language, level)

    def for_student(self, language: Language = "en") -> dict[str, Any]:
        """The plain-JSON form. Why the answer is not the right one would tell which is."""
        reason = self.verdict.reason if self.passed else ""
        return {
            "exercise": self.exercise.id, "passed": self.passed,
            "verdict": {"state": self.verdict.state, "reason": reason},
            "steps": [as_json(step) for step in self.steps], "first_wrong": self.first_wrong,
            "coverage": self.coverage, "hints": self.exercise.help, "language": language,
            "comments": [as_json(comment) for comment in self.comments(language)],
        }  # fmt: skip

    def for_teacher(self, language: Language = "en") -> dict[str, Any]:
        """The same with the right answer, and why this one is not."""
        whole = {"verdict": as_json(self.verdict), "gold": self.exercise.gold}
        return self.for_student(language) | whole

    def _facts(self) -> dict[str, str]:
        place = self.first_wrong
        step = self.steps[place] if place is not None else None
        return {
            "line": str(self.line),
            "step": str(place + 1) if place is not None else "–",
            "before": str(place or 0),
            "said": " ".join(step.text.split()) if step else "",
            "reason": step.reason if step else "",
        }


def grade(exercise: Exercise, text: str) -> Derivation:
    """The answer against the gold, and the steps by themselves. Raises Unusable."""
    refuse_unusable(text)
    report = verify_steps(text, exercise.text("statement", "en"))
    verdict = verify_math(text, exercise.gold)
    return Derivation(exercise, text, verdict, report.steps, report.first_wrong, report.coverage)


def _line(text: str, at: int) -> int:
    return text[:at].count("\n") + 1
