"""`/api/tutor/class`: a class's submissions, graded one after the other, kept and compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated, Any, Self

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, model_validator

from lemmata.apps.tutor.exercise import Exercise, Program
from lemmata.errors import LemmataError
from lemmata.server.auth import Tune
from lemmata.server.documents import ERRORS, EVENTS
from lemmata.server.errors import of
from lemmata.server.openai_types import Strict
from lemmata.server.routes.tutor import Language, at_once, shelf
from lemmata.server.service import Service, Serving
from lemmata.server.sse import EventStream, event

if TYPE_CHECKING:
    from lemmata.apps.tutor.classroom import Classroom, Row
    from lemmata.server.state.classes import Class as Kept

router = APIRouter(tags=["Lemmata"])
_STREAM = {200: {"description": "Events graded and class.", "content": EVENTS}, **ERRORS}
ExerciseName = Annotated[str, Query(min_length=1, max_length=200)]


class Handed(Strict):
    student: str = Field(min_length=1, max_length=100)
    text: str = Field(max_length=100_000)
    program: Program = "python"


class Class(Strict):
    """What a class handed in for one exercise, one submission a student."""

    exercise: str = Field(min_length=1, max_length=200)
    submissions: Annotated[list[Handed], Field(min_length=1, max_length=200)]
    language: Language = "en"

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if len({one.student for one in self.submissions}) < len(self.submissions):
            raise ValueError("two submissions have one student's name")
        return self


class Known(BaseModel):
    """A class as it was graded last: its rows, the same mistakes together, look-alikes, and the
    table as CSV and Markdown."""

    exercise: str
    rows: list[dict[str, Any]]
    clusters: list[dict[str, Any]]
    alike: list[dict[str, Any]]
    remark: str
    csv: str
    markdown: str


@router.post("/api/tutor/class", responses=_STREAM, response_class=StreamingResponse)
async def grade_class(body: Class, service: Serving, key: Tune) -> EventStream:
    """Server-sent events: `graded` for each student as it comes, then `class`: the same mistakes
    together, submissions that are alike, and the table as CSV and Markdown. Hanging up ends it;
    every row is kept as it comes, and what has not changed is not run again."""
    exercise = await asyncio.to_thread(shelf(service).open, body.exercise)
    kept = await asyncio.to_thread(_kept, service, key, exercise)
    return EventStream(_events(exercise, body, kept))


@router.get("/api/tutor/class", responses=ERRORS)
async def known_class(exercise: ExerciseName, service: Serving, key: Tune) -> Known:
    """The class as it was graded last; no rows where none was."""
    opened = await asyncio.to_thread(shelf(service).open, exercise)
    return await asyncio.to_thread(_known, service, key, opened)


@router.delete("/api/tutor/class", responses=ERRORS, status_code=204)
async def forget_class(exercise: ExerciseName, service: Serving, key: Tune) -> None:
    """Forget what a class handed in for an exercise, and its grades."""
    opened = await asyncio.to_thread(shelf(service).open, exercise)
    await asyncio.to_thread(lambda: _kept(service, key, opened).forget())


def _kept(service: Service, key: str, exercise: Exercise) -> Kept:
    from lemmata.server.state.classes import Class as Kept

    return Kept(service.database(), key, exercise.id)


async def _events(exercise: Exercise, body: Class, kept: Kept) -> AsyncGenerator[bytes, None]:
    from lemmata.apps.tutor.classroom import Marking

    marking = Marking(exercise, body.language, kept=kept)
    rows: list[Row] = []
    for number, handed in enumerate(body.submissions):
        try:
            async with at_once():
                rows.append(
                    await asyncio.to_thread(
                        marking.row, handed.student, handed.text, handed.program
                    )
                )
        except LemmataError as error:
            yield event(of(error), "error")
            return
        place = {"number": number, "total": len(body.submissions)}
        yield event(rows[-1].plain() | place, "graded")
    sources = {handed.student: handed.text for handed in body.submissions}
    yield event(await asyncio.to_thread(_told, exercise, rows, sources), "class")


def _known(service: Service, key: str, exercise: Exercise) -> Known:
    found = _kept(service, key, exercise).all()
    rows = [row for row, _, _ in found]
    told = _told(exercise, rows, {row.student: text for row, text, _ in found})
    return Known(exercise=exercise.id, rows=[row.plain() for row in rows], **told)


def _told(exercise: Exercise, rows: list[Row], sources: dict[str, str]) -> dict[str, Any]:
    from lemmata.apps.tutor.classroom import compared

    made: Classroom = compared(exercise, rows, sources)
    return {
        "clusters": [
            {"mistake": c.mistake, "example": c.example, "students": list(c.students)}
            for c in made.clusters()
        ],
        "alike": [{"first": p.first, "second": p.second, "share": p.share} for p in made.alike],
        "remark": made.remark,
        "csv": made.to_csv(),
        "markdown": made.to_markdown(),
    }
