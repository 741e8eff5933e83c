"""`/api/tutor/…`: exercises, and submissions graded by running them.

What a student may not see (hidden tests, findings, references) leaves only under the scope `tune`,
which is the teacher's.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lemmata.apps.tutor.exercise import Exercise, Program, Shelf, Style
from lemmata.errors import BadData, LemmataError
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service, Serving

if TYPE_CHECKING:
    from lemmata.apps.tutor.finding import Finding
    from lemmata.apps.tutor.grade import Grade

router = APIRouter(tags=["Lemmata"])
AT_ONCE = 2
"""Submissions graded at the same time; one keeps a core busy for seconds."""
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_KEPT = 512
_grades: OrderedDict[str, Grade] = OrderedDict()
"""The last grades by exercise, submission and language: the next hint runs nothing again."""
TRACED = 3
"""The lowest cap on hints under which a student sees traced variables."""
LONGEST_VALUE = 160
"""Characters of a value that is shown."""
Student = Depends(allow("infer"))
Teacher = Depends(allow("tune"))
Language = Literal["en", "zh"]


class ExerciseBody(BaseModel):
    """An exercise as a student sees it; `help` is the highest hint given."""

    id: str
    subject: Literal["program", "mathematics"]
    title: str
    statement: str
    style: Style
    function: str
    programs: list[Program]
    visible: list[list[Any]]
    calls: list[str]
    """The visible tests as they are run: calls, or inputs with ⏎ between their lines."""
    tests: int
    complexity: str
    help: int
    time_s: float
    memory_mib: int


class BrokenExercise(BaseModel):
    id: str
    why: str


class Exercises(BaseModel):
    """`broken`: those that cannot be read, which keep no other from being used."""

    exercises: list[ExerciseBody]
    broken: list[BrokenExercise]


class Submission(Strict):
    """`hint` 0 asks for none; `reword` lets the served model say it, while it keeps every fact."""

    exercise: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=100_000)
    program: Program = "python"
    language: Language = "en"
    hint: Annotated[int, Field(ge=0, le=4)] = 0
    reword: bool = False


@router.get("/api/tutor/exercises", responses=ERRORS, dependencies=[Student])
async def exercises(service: Serving, language: Annotated[Language, Query()] = "en") -> Exercises:
    """The shipped exercises and those in the folder `exercises` of Lemmata's home."""
    return await asyncio.to_thread(_listed, shelf(service), language)


def _listed(shelved: Shelf, language: Language) -> Exercises:
    told, broken = [], []
    for name in shelved.names():
        try:
            told.append(_body(shelved.open(name), language))
        except LemmataError as error:
            broken.append(BrokenExercise(id=name, why=str(error)))
    return Exercises(exercises=told, broken=broken)


@router.post("/api/tutor/grade", responses=ERRORS, dependencies=[Student])
async def grade_for_student(body: Submission, service: Serving) -> JSONResponse:
    """Verdict, comments, growth and the hint asked for; nothing of hidden tests."""
    return JSONResponse(await _graded(body, service, teacher=False))


@router.post("/api/tutor/review", responses=ERRORS, dependencies=[Teacher])
async def grade_for_teacher(body: Submission, service: Serving) -> JSONResponse:
    """The same with the findings and the edits that mend them."""
    return JSONResponse(await _graded(body, service, teacher=True))


async def _graded(body: Submission, service: Service, *, teacher: bool) -> dict[str, Any]:
    exercise = await asyncio.to_thread(shelf(service).open, body.exercise)
    if body.hint:
        exercise.allow_hint(body.hint)
    if exercise.subject == "mathematics":
        return await _derivation(exercise, body, teacher)
    try:
        grade = await graded(exercise, body.text, body.language, body.program)
    except BadData:
        if teacher:
            raise
        # What the reference stumbles over may be a hidden test.
        raise BadData(
            f"{exercise.id} is broken: its own reference does not pass it", "Tell your teacher."
        ) from None
    told = grade.for_teacher(body.language) if teacher else grade.for_student(body.language)
    shown = [_shown(f, exercise, teacher) for f in grade.findings]
    return told | {"evidence": shown, "hint": await _hint(grade, body, service)}


async def _derivation(exercise: Exercise, body: Submission, teacher: bool) -> dict[str, Any]:
    # Here and not above: the checkers behind it would slow every start of the server.
    from lemmata.apps.tutor import mathematics

    async with at_once():
        made = await asyncio.to_thread(mathematics.grade, exercise, body.text)
    told = made.for_teacher(body.language) if teacher else made.for_student(body.language)
    return told | {"hint": made.hint(body.hint, body.language) if body.hint else ""}


async def graded(
    exercise: Exercise, text: str, language: Language, spoken: Program = "python"
) -> Grade:
    """The grade of a program; one that was graded lately is not run again. Raises as `grade`."""
    from lemmata.apps.tutor.grade import grade

    whole = repr((exercise, text, language, spoken)).encode("utf-8", "replace")
    key = hashlib.sha256(whole).hexdigest()
    if key not in _grades:
        async with at_once():
            _grades[key] = await asyncio.to_thread(grade, exercise, text, language, spoken=spoken)
        while len(_grades) > _KEPT:
            _grades.popitem(last=False)
    _grades.move_to_end(key)
    return _grades[key]


async def _hint(grade: Grade, body: Submission, service: Service) -> str:
    from lemmata.apps.tutor.reword import reword

    said = grade.hint(body.hint, body.language) if body.hint else ""
    if not (said and body.reword):
        return said
    return await reword(said, grade.exercise, body.text, service.ready(), body.language)


def _shown(finding: Finding, exercise: Exercise, teacher: bool) -> dict[str, Any]:
    """The run behind a comment: inputs are made from the exercise's description and never hidden
    tests. The trace belongs to the third hint, so it keeps under the teacher's cap."""
    from lemmata.apps.tutor.wording import shown

    told: dict[str, Any] = {"line": finding.line, "nature": finding.nature}
    contrast = finding.contrast
    if contrast is None:
        return told
    told["call"] = exercise.call(contrast.args, LONGEST_VALUE)
    told["expected"] = _short(shown(contrast.expected, exercise))
    told["observed"] = _short(shown(contrast.seen, exercise))
    if teacher or exercise.help >= TRACED:
        told["trace"] = [
            {"line": m.line, "variables": {n: _short(v) for n, v in m.variables.items()}}
            for m in contrast.seen.moments
        ]
    return told


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _body(exercise: Exercise, language: Language) -> ExerciseBody:
    visible = [c.args for c in exercise.tests if c.visible and c.args is not None]
    return ExerciseBody(
        id=exercise.id,
        subject=exercise.subject,
        title=exercise.text("title", language),
        statement=exercise.text("statement", language),
        style=exercise.style,
        function=exercise.function,
        programs=list(exercise.programs),
        visible=[list(args) for args in visible],
        calls=[exercise.call(args, LONGEST_VALUE) for args in visible],
        tests=len(exercise.tests),
        complexity=exercise.complexity,
        help=exercise.help,
        time_s=exercise.limits.time_s,
        memory_mib=exercise.limits.memory_mib,
    )


def at_once() -> asyncio.Semaphore:
    """The places for grading in this event loop: a semaphore that somebody has waited for belongs
    to one loop, and a process may serve more than once."""
    loop = asyncio.get_running_loop()
    if loop not in _places:
        _places[loop] = asyncio.Semaphore(AT_ONCE)
    return _places[loop]


def shelf(service: Service) -> Shelf:
    return Shelf(own_exercises(service))


def own_exercises(service: Service) -> Path:
    """The folder of the teacher's own."""
    return service.settings.home / "exercises"
