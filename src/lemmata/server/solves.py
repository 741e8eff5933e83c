"""Solves at work in this process, and their answers: whole, or as they are written.

A solve is known by its key and the id of its journal; whoever has both can have it answer now, stop
it, or go on with it. What a TODO is completed by is a solve too.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from lemmata.errors import BadInput, LemmataError, UnknownSolve
from lemmata.server import errors
from lemmata.server.service import Service
from lemmata.server.sse import EventStream, event, until_gone
from lemmata.solve import Control, Journal
from lemmata.types import Solution, as_json

ID_HEADER = "Lemmata-Solve"
Events = AsyncGenerator[Any, None]


@dataclass(frozen=True, slots=True)
class Asking:
    """One solve to be answered: `start` makes its events, of which the `last` kind ends them and is
    the answer."""

    journal: Journal
    key: str
    last: type
    start: Callable[[Control], Events]


def running_in(request: Request) -> dict[str, Control]:
    """The solves at work in this process, by key and id."""
    state = request.app.state
    if not hasattr(state, "solves"):
        state.solves = {}
    solves: dict[str, Control] = state.solves
    return solves


def place_of(key: str, solve_id: str) -> str:
    return f"{key}/{solve_id}"


def folder_of(service: Service, key: str) -> Path:
    """Each key its own: nobody sees another's solves."""
    own = hashlib.sha256(key.encode()).hexdigest()[:16] if key else "open"
    return service.settings.home / "solves" / own


def journal_of(service: Service, key: str, solve_id: str) -> Journal:
    """Blocking. Raises UnknownSolve."""
    try:
        return Journal.open(folder_of(service, key), solve_id)
    except BadInput as error:
        raise UnknownSolve(error.cause, "Ask the problem again.") from error


async def to_go_on_with(request: Request, service: Service, key: str, solve_id: str) -> Journal:
    """The journal of a solve that is not running. Raises UnknownSolve, BadInput."""
    journal = await asyncio.to_thread(journal_of, service, key, solve_id)
    if place_of(key, solve_id) in running_in(request):
        raise BadInput("this solve is running", "Ask for its answer, or stop it.")
    return journal


async def answer(asking: Asking, request: Request, service: Service, stream: bool) -> Response:
    """The answer as one document, or, with `stream`, events of which it is the last."""
    events = _registered(asking, running_in(request))
    try:
        first = await until_gone(request, anext(events))
        if stream:
            sent: Response = EventStream(_stream(asking, first, events, service))
        else:
            if not isinstance(first, asking.last):
                first = await until_gone(request, _last(asking, events))
            _count(first, service)
            sent = JSONResponse(as_json(first))
        sent.headers[ID_HEADER] = asking.journal.id
        return sent
    except LemmataError:
        asking.journal.forget_if_unbegun()
        raise
    finally:
        if not stream:
            await events.aclose()


async def _registered(asking: Asking, running: dict[str, Control]) -> Events:
    control, place = Control(), place_of(asking.key, asking.journal.id)
    running[place] = control
    solving = asking.start(control)
    try:
        async for item in solving:
            yield item
    finally:
        running.pop(place, None)
        await solving.aclose()


async def _last(asking: Asking, events: Events) -> Any:
    async for item in events:
        if isinstance(item, asking.last):
            return item
    raise AssertionError(f"a solve ends with a {asking.last.__name__}")


async def _stream(
    asking: Asking, first: Any, rest: Events, service: Service
) -> AsyncGenerator[bytes, None]:
    try:
        yield event({"id": asking.journal.id}, "started")
        yield _as_event(asking, first, service)
        async for item in rest:
            yield _as_event(asking, item, service)
    except LemmataError as error:
        yield event(errors.of(error), "error")
    finally:
        await rest.aclose()


def _as_event(asking: Asking, item: Any, service: Service) -> bytes:
    name = type(item).__name__.lower()
    if isinstance(item, asking.last):
        _count(item, service)
        return event(as_json(item), name)
    return event(asdict(item), name)


def _count(item: Any, service: Service) -> None:
    if isinstance(item, Solution):
        service.metrics.verdicts.labels(item.verdict.state).inc()
