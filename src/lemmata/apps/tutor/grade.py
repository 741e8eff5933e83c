"""Grade a program: judge it, find its mistakes, say them at the right level."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from lemmata.apps.tutor import diagnose, growth, style, wording
from lemmata.apps.tutor.counterexample import large, search
from lemmata.apps.tutor.exercise import Case, Exercise, refuse_unusable
from lemmata.apps.tutor.finding import Comment, Finding
from lemmata.apps.tutor.probing import Broken, Probe, Remembered
from lemmata.apps.tutor.wording import Language
from lemmata.errors import BadData, BadInput
from lemmata.solve.programs.complexity import Growth
from lemmata.verify import Call, Judgement, judge
from lemmata.verify.checkers import Json
from lemmata.verify.judgement import Letter, returned
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.trial import Order


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test as a student may see it: of a hidden one only the letter."""

    number: int
    visible: bool
    verdict: Letter
    call: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """A graded program. `findings` hold what only the teacher may see."""

    exercise: Exercise
    passed: bool
    verdict: Letter
    tests: tuple[TestLine, ...]
    findings: tuple[Finding, ...]
    comments: tuple[Comment, ...]
    growth: Growth | None
    isolation: str

    def hint(self, level: int, language: Language = "en") -> str:
        """The hint of a level; empty where nothing is wrong. Raises BadInput above the cap."""
        self.exercise.allow_hint(level)
        if not self.findings:
            return ""
        return wording.hint(self.findings[0], self.exercise.function, language, level)

    def for_student(self, language: Language = "en") -> dict[str, Any]:
        """The plain-JSON form without anything hidden."""
        measured = {"law": self.growth.law, "by": self.growth.by} if self.growth else None
        return {
            "exercise": self.exercise.id, "passed": self.passed, "verdict": self.verdict,
            "tests": [asdict(test) for test in self.tests],
            "comments": [asdict(comment) for comment in self.comments],
            "growth": {"measured": measured, "asked": self.exercise.complexity},
            "hints": self.exercise.help, "isolation": self.isolation, "language": language,
        }  # fmt: skip

    def for_teacher(self, language: Language = "en") -> dict[str, Any]:
        """The same with the findings and the edits that would mend them."""
        found = [
            {"nature": f.nature, "line": f.line, "facts": f.facts, "repair": f.repair}
            for f in self.findings
        ]
        return self.for_student(language) | {"findings": found}


@dataclass(frozen=True, slots=True)
class Key:
    """What an exercise's reference says, computed once for all who are graded by it."""

    calls: list[Call]
    """The judge's tests."""
    reference: Remembered


def key_of(exercise: Exercise, sandbox: room.Sandbox | None = None) -> Key:
    """Raises BadData where the reference fails, EnvironmentMissing."""
    place = sandbox or room.shared()
    probe = Probe(exercise.reference, exercise.function, place)
    return Key(calls_of(exercise, place), Remembered(probe))


def grade(
    exercise: Exercise,
    source: str,
    language: Language = "en",
    sandbox: room.Sandbox | None = None,
    with_style: bool = True,
    key: Key | None = None,
) -> Grade:
    """Grade a program against an exercise; by `key` where several are graded.

    Raises Unusable (empty, too long), BadInput (not an exercise in programming), BadData (the
    exercise's own reference fails), EnvironmentMissing (no sandbox on this machine)."""
    if exercise.subject != "program":
        raise BadInput(f"{exercise.id} asks for mathematics, not for a program")
    refuse_unusable(source)
    place = sandbox or room.shared()
    key = key or key_of(exercise, place)
    judgement = judge(source, key.calls, exercise.limits, sandbox=place)
    student = Probe(source, exercise.function, place)
    findings = _findings(exercise, student, key.reference, judgement)
    measured = None
    if judgement.verdict in ("AC", "TLE") and not findings:
        measured = growth.measure(exercise, source, place)
        findings += _slowness(exercise, judgement, measured)
    return Grade(
        exercise=exercise,
        passed=judgement.verdict == "AC" and not findings,
        verdict=judgement.verdict,
        tests=tuple(_lines(exercise, judgement)),
        findings=tuple(findings),
        comments=tuple(_comments(exercise, findings, source, language, with_style)),
        growth=measured,
        isolation=judgement.isolation,
    )


def calls_of(exercise: Exercise, sandbox: room.Sandbox | None = None) -> list[Call]:
    """The judge's tests; what is expected comes from the reference. Raises BadData where the
    reference does not return in time."""
    reference = Call(exercise.function, (), None)
    calls = [replace(reference, args=_args(exercise, case)) for case in exercise.tests]
    expected = _answers(exercise, calls, sandbox)
    return [
        replace(call, expected=value, checker=Json())
        for call, value in zip(calls, expected, strict=True)
    ]


def _args(exercise: Exercise, case: Case) -> tuple[Any, ...]:
    return case.args if case.args is not None else growth.large(exercise, case.size)


def _answers(exercise: Exercise, calls: list[Call], sandbox: room.Sandbox | None) -> list[Any]:
    place = sandbox or room.shared()
    answers = []
    with place.submit(exercise.reference, "python", exercise.limits) as submission:
        if submission.complaint:
            raise BadData(
                f"the reference of {exercise.id} does not compile: {submission.complaint}"
            )
        for call in calls:
            order = {"function": call.function, "args": call.args, "kwargs": {}}
            value, failure = returned(submission.run(Order("call", primitives.dumps(order))))
            if failure:
                raise BadData(
                    f"the reference of {exercise.id} gets {failure.verdict} on its own test: "
                    f"{failure.reason}",
                    "Mend the reference, or raise the limits.",
                )
            answers.append(primitives.loads(value))
    return answers


def _findings(
    exercise: Exercise, student: Probe, reference: Remembered, judgement: Judgement
) -> list[Finding]:
    try:
        student.watch([])
        missing = diagnose.missing_function(exercise, student.source)
        if missing:
            return [missing]
        found = diagnose.diagnose(exercise, student, search(exercise, student, reference))
        failing = [t.verdict for t in judgement.tests if t.verdict not in ("AC", "TLE")]
        if not found and failing:
            found = diagnose.diagnose(exercise, student, large(exercise, student, reference))
            found = found or [diagnose.hidden_only(failing)]
        return found
    except Broken as broken:
        return [diagnose.broken(str(broken), broken.line)]


def _slowness(exercise: Exercise, judgement: Judgement, measured: Growth | None) -> list[Finding]:
    late = any(test.verdict == "TLE" for test in judgement.tests)
    above = measured is not None and growth.above(measured, exercise.complexity)
    if not late and not above:
        return []
    facts = {"growth": measured.law if measured else "–", "asked": exercise.complexity or "–"}
    return [Finding("too-slow", 0, None, facts)]


def _lines(exercise: Exercise, judgement: Judgement) -> list[TestLine]:
    lines = []
    for number, (case, outcome) in enumerate(zip(exercise.tests, judgement.tests, strict=True), 1):
        shown = case.visible and case.args is not None
        call = f"{exercise.function}({', '.join(map(repr, case.args or ()))})" if shown else ""
        lines.append(
            TestLine(number, case.visible, outcome.verdict, call, outcome.reason if shown else "")
        )
    return lines


def _comments(
    exercise: Exercise, findings: list[Finding], source: str, language: Language, with_style: bool
) -> list[Comment]:
    found = [
        Comment(f.line, f.nature, wording.comment(f, exercise.function, language)) for f in findings
    ]
    if not with_style or any(f.nature == "syntax" for f in findings):
        return found
    return found + [
        Comment(s.line, f"style {s.rule}", s.message, opinion=True) for s in style.check(source)
    ]
