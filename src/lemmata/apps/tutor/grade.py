"""Grade a program: judge it, find its mistakes, say them at the right level."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.apps.tutor import diagnose, growth, style, wording
from lemmata.apps.tutor.compiled import Compiled, complaint
from lemmata.apps.tutor.counterexample import large, search
from lemmata.apps.tutor.exercise import Case, Exercise, Program, Unusable, refuse_unusable
from lemmata.apps.tutor.finding import Comment, Finding
from lemmata.apps.tutor.probing import Broken, Probe, Remembered, Watched
from lemmata.apps.tutor.wording import Language
from lemmata.errors import BadData, BadInput, MissingExtra
from lemmata.solve.programs.complexity import Growth
from lemmata.verify import Call, Judgement, Stdio, judge
from lemmata.verify.cases import Test
from lemmata.verify.checkers import Json
from lemmata.verify.judgement import Letter, returned
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.submission import Submission
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
        return wording.hint(self.findings[0], self.exercise, language, level)

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

    tests: list[Test]
    """The judge's."""
    reference: Remembered


def key_of(exercise: Exercise, sandbox: room.Sandbox | None = None) -> Key:
    """Raises BadData where the reference fails, EnvironmentMissing."""
    place = sandbox or room.shared()
    probe = _probe(exercise, exercise.reference, exercise.spoken, place)
    return Key(judged_by(exercise, place), Remembered(probe))


def _probe(exercise: Exercise, source: str, spoken: Program, place: room.Sandbox) -> Watched:
    if spoken == "cpp":
        return Compiled(source, exercise, place)
    written = exercise.written if exercise.style == "stdin" else None
    return Probe(source, exercise.function, place, written)


def grade(
    exercise: Exercise,
    source: str,
    language: Language = "en",
    sandbox: room.Sandbox | None = None,
    with_style: bool = True,
    key: Key | None = None,
    spoken: Program = "python",
) -> Grade:
    """Grade a program against an exercise; by `key` where several are graded.

    Raises Unusable (empty, too long), BadInput (not an exercise in programming), BadData (the
    exercise's own reference fails), EnvironmentMissing (no sandbox on this machine)."""
    if exercise.subject != "program":
        raise BadInput(f"{exercise.id} asks for mathematics, not for a program")
    if spoken not in exercise.programs:
        raise Unusable(f"{exercise.id} asks for {' or '.join(exercise.programs)}, not {spoken}")
    refuse_unusable(source)
    place = sandbox or room.shared()
    key = key or key_of(exercise, place)
    judgement = judge(source, key.tests, exercise.limits, spoken, sandbox=place)
    with ExitStack() as open_now:
        student = _probe(exercise, source, spoken, place)
        if isinstance(student, Compiled):
            open_now.enter_context(student)
        findings = _findings(exercise, student, key.reference, judgement)
    measured = None
    if judgement.verdict in ("AC", "TLE") and not findings:
        measured = growth.measure(exercise, source, place, spoken)
        findings += _slowness(exercise, judgement, measured)
    with_style = with_style and spoken == "python"
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


def judged_by(exercise: Exercise, place: room.Sandbox) -> list[Test]:
    """The judge's tests; what is expected comes from the reference. Raises BadData where the
    reference does not return in time."""
    given = [_args(exercise, case) for case in exercise.tests]
    with place.submit(exercise.reference, exercise.spoken, exercise.limits) as submission:
        if submission.complaint:
            told = complaint(submission.complaint) if exercise.spoken == "cpp" else ""
            raise BadData(
                f"the reference of {exercise.id} does not compile: {told or submission.complaint}"
            )
        if exercise.style == "stdin":
            return [_stdio(exercise, args, submission) for args in given]
        return [_call(exercise, args, submission) for args in given]


def _args(exercise: Exercise, case: Case) -> tuple[Any, ...]:
    return case.args if case.args is not None else growth.large(exercise, case.size)


def _stdio(exercise: Exercise, args: tuple[Any, ...], reference: Submission) -> Stdio:
    text = exercise.written(args)
    run = reference.run(Order("program", text.encode()))
    if run.status != "OK":
        raise _failed(exercise, run.status, run.reason)
    return Stdio(text, run.stdout.decode(errors="replace"))


def _call(exercise: Exercise, args: tuple[Any, ...], reference: Submission) -> Call:
    order = {"function": exercise.function, "args": args, "kwargs": {}}
    value, failure = returned(reference.run(Order("call", primitives.dumps(order))))
    if failure:
        raise _failed(exercise, failure.verdict, failure.reason)
    return Call(exercise.function, args, primitives.loads(value), checker=Json())


def _failed(exercise: Exercise, letter: str, reason: str) -> BadData:
    return BadData(
        f"the reference of {exercise.id} gets {letter} on its own test: {reason}",
        "Mend the reference, or raise the limits.",
    )


def _findings(
    exercise: Exercise, student: Watched, reference: Remembered, judgement: Judgement
) -> list[Finding]:
    try:
        student.watch([])
        if exercise.style == "function":
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
        call = exercise.call(case.args or ()) if shown else ""
        lines.append(
            TestLine(number, case.visible, outcome.verdict, call, outcome.reason if shown else "")
        )
    return lines


def _comments(
    exercise: Exercise, findings: list[Finding], source: str, language: Language, with_style: bool
) -> list[Comment]:
    found = [Comment(f.line, f.nature, wording.comment(f, exercise, language)) for f in findings]
    if not with_style or any(f.nature == "syntax" for f in findings):
        return found
    try:
        remarks = style.check(source)
    except MissingExtra as missing:
        return [*found, Comment(0, "style", str(missing), opinion=True)]
    return found + [Comment(s.line, f"style {s.rule}", s.message, opinion=True) for s in remarks]
