"""`/api/tutor/class`: a class's submissions, graded one after the other and compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated, Any, Self

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import Field, model_validator

from lemmata.apps.tutor.exercise import Exercise
from lemmata.errors import BadInput, LemmataError, MissingExtra
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS, EVENTS
from lemmata.server.openai_types import Strict
from lemmata.server.routes.tutor import Language, graded, shelf
from lemmata.server.service import Serving
from lemmata.server.sse import EventStream, event

if TYPE_CHECKING:
    from lemmata.apps.tutor.classroom import Row

router = APIRouter(tags=["Lemmata"], dependencies=[Depends(allow("tune"))])
_STREAM = {200: {"description": "Events graded and class.", "content": EVENTS}, **ERRORS}


class Handed(Strict):
    student: str = Field(min_length=1, max_length=100)
    text: str = Field(max_length=100_000)


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


@router.post("/api/tutor/class", responses=_STREAM, response_class=StreamingResponse)
async def grade_class(body: Class, service: Serving) -> EventStream:
    """Server-sent events: `graded` for each student as it comes, then `class`: the same mistakes
    together, programs that are alike, and the table as CSV and Markdown. Hanging up ends it; what
    was graded already is not run again when it is asked anew."""
    exercise = await asyncio.to_thread(shelf(service).open, body.exercise)
    if exercise.subject != "program":
        raise BadInput(f"{exercise.id} asks for mathematics", "A class view is for programs.")
    return EventStream(_events(exercise, body))


async def _events(exercise: Exercise, body: Class) -> AsyncGenerator[bytes, None]:
    from lemmata.apps.tutor.classroom import Row

    rows: list[Row] = []
    for number, handed in enumerate(body.submissions):
        try:
            rows.append(Row(handed.student, await graded(exercise, handed.text, body.language)))
        except BadInput as error:
            rows.append(Row(handed.student, None, str(error)))
        except LemmataError as error:
            yield event({"error": {"message": str(error)}}, "error")
            return
        yield event(_row(rows[-1], number, len(body.submissions)), "graded")
    sources = {handed.student: handed.text for handed in body.submissions}
    yield await asyncio.to_thread(_compared, exercise, rows, sources)


def _compared(exercise: Exercise, rows: list[Row], sources: dict[str, str]) -> bytes:
    from lemmata.apps.tutor.classroom import Classroom, alike

    try:
        pairs = tuple(alike(sources))
    except ModuleNotFoundError:
        missing = MissingExtra("copydetect", "tutor")
        return event({"error": {"message": str(missing)}}, "error")
    made = Classroom(exercise, tuple(rows), pairs)
    told = {
        "clusters": made.clusters(),
        "alike": [{"first": p.first, "second": p.second, "share": p.share} for p in made.alike],
        "csv": made.to_csv(),
        "markdown": made.to_markdown(),
    }
    return event(told, "class")


def _row(row: Row, number: int, total: int) -> dict[str, Any]:
    grade = row.grade
    finding = grade.findings[0] if grade and grade.findings else None
    return {
        "number": number, "total": total, "student": row.student, "verdict": row.verdict,
        "passed": bool(grade and grade.passed), "mistake": row.mistake, "trouble": row.trouble,
        "tests": len(grade.tests) if grade else 0,
        "tests_passed": sum(test.verdict == "AC" for test in grade.tests) if grade else 0,
        "line": finding.line if finding else 0,
        "growth": grade.growth.law if grade and grade.growth else "",
        "comments": [{"line": c.line, "text": c.text} for c in grade.comments if not c.opinion]
        if grade else [],
    }  # fmt: skip
