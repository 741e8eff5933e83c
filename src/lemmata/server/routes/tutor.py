"""`/api/tutor/…`: exercises, and submissions graded by running them.

What a student may not see (hidden tests, findings, references) leaves only under the scope `tune`,
which is the teacher's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lemmata.apps.tutor.exercise import Exercise, Shelf
from lemmata.errors import BadInput
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Serving
from lemmata.types import as_json

if TYPE_CHECKING:
    from lemmata.apps.tutor.grade import Grade

router = APIRouter(tags=["Lemmata"])
_AT_ONCE = asyncio.Semaphore(2)
"""Submissions graded at the same time; one keeps a core busy for seconds."""
Student = Depends(allow("infer"))
Teacher = Depends(allow("tune"))
Language = Literal["en", "zh"]


class ExerciseBody(BaseModel):
    """An exercise as a student sees it; `help` is the highest hint given."""

    id: str
    subject: Literal["program", "mathematics"]
    title: str
    statement: str
    function: str
    visible: list[list[Any]]
    tests: int
    complexity: str
    help: int


class Exercises(BaseModel):
    exercises: list[ExerciseBody]


class Submission(Strict):
    """`hint` 0 asks for none."""

    exercise: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=100_000)
    language: Language = "en"
    hint: Annotated[int, Field(ge=0, le=4)] = 0


@router.get("/api/tutor/exercises", responses=ERRORS, dependencies=[Student])
async def exercises(service: Serving, language: Annotated[Language, Query()] = "en") -> Exercises:
    """The shipped exercises and those in the folder `exercises` of Lemmata's home."""
    shelf = _shelf(service)
    opened = [await asyncio.to_thread(shelf.open, name) for name in shelf.names()]
    return Exercises(exercises=[_body(exercise, language) for exercise in opened])


@router.post("/api/tutor/grade", responses=ERRORS, dependencies=[Student])
async def grade_for_student(body: Submission, service: Serving) -> JSONResponse:
    """Verdict, comments, growth and the hint asked for; nothing of hidden tests."""
    return JSONResponse(await _graded(body, service, teacher=False))


@router.post("/api/tutor/review", responses=ERRORS, dependencies=[Teacher])
async def grade_for_teacher(body: Submission, service: Serving) -> JSONResponse:
    """The same with the findings and the edits that mend them."""
    return JSONResponse(await _graded(body, service, teacher=True))


async def _graded(body: Submission, service: Serving, *, teacher: bool) -> dict[str, Any]:
    # Here and not above: the checkers behind them would slow every start of the server.
    from lemmata.apps.tutor import mathematics
    from lemmata.apps.tutor.grade import grade

    exercise = _shelf(service).open(body.exercise)
    async with _AT_ONCE:
        if exercise.subject == "mathematics":
            return as_json(await asyncio.to_thread(mathematics.grade, exercise, body.text))
        if body.hint > exercise.help:
            raise BadInput(f"this exercise gives hints up to level {exercise.help}")
        graded = await asyncio.to_thread(grade, exercise, body.text, body.language)
    return _told(graded, body, teacher=teacher)


def _told(graded: Grade, body: Submission, *, teacher: bool) -> dict[str, Any]:
    told = graded.for_teacher(body.language) if teacher else graded.for_student(body.language)
    hint = graded.hint(body.hint, body.language) if body.hint else ""
    return told | {"hint": hint}


def _body(exercise: Exercise, language: Language) -> ExerciseBody:
    visible = [list(c.args) for c in exercise.tests if c.visible and c.args is not None]
    return ExerciseBody(
        id=exercise.id,
        subject=exercise.subject,
        title=exercise.text("title", language),
        statement=exercise.text("statement", language),
        function=exercise.function,
        visible=visible,
        tests=len(exercise.tests),
        complexity=exercise.complexity,
        help=exercise.help,
    )


def _shelf(service: Serving) -> Shelf:
    return Shelf(service.settings.home / "exercises")
