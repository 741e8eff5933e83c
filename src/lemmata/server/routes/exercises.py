"""`/api/tutor/exercises/…`: a teacher's own exercises, defined, changed and removed."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from lemmata.errors import BadInput
from lemmata.server import exercise_form
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.exercise_form import NAME, Defined, Definition
from lemmata.server.routes.tutor import at_once, own_exercises, shelf
from lemmata.server.service import Serving

router = APIRouter(tags=["Lemmata"], dependencies=[Depends(allow("tune"))])
Name = Annotated[str, Path(pattern=NAME)]


class UnknownExercise(BadInput):
    http_status = 404


@router.get("/api/tutor/exercises/{name}", responses=ERRORS)
async def definition(name: Name, service: Serving) -> Defined:
    """All of an exercise, hidden tests and reference too: for its teacher."""
    shelved = shelf(service)
    if name not in shelved.names():
        raise UnknownExercise(f"there is no exercise {name}", "List them first.")
    exercise = await asyncio.to_thread(shelved.open, name)
    own = (own_exercises(service) / name / "exercise.toml").is_file()
    return Defined(id=name, own=own, definition=exercise_form.of(exercise))


@router.put("/api/tutor/exercises/{name}", responses=ERRORS)
async def define(name: Name, body: Definition, service: Serving) -> Defined:
    """Keep an exercise whose reference passes its own tests; one that does not is refused, and
    nothing changes. A shipped one of that name is put behind it."""
    async with at_once():
        await asyncio.to_thread(exercise_form.keep, own_exercises(service), name, body)
    return await definition(name, service)


@router.delete("/api/tutor/exercises/{name}", responses=ERRORS, status_code=204)
def remove(name: Name, service: Serving) -> None:
    """Forget one of the teacher's own; a shipped one of that name is there again."""
    exercise_form.remove(own_exercises(service), name)
