"""Solves at work in this process, and their answers: whole, or as they are written.

A solve is known by its key and the id of its journal; whoever has both can have it answer now, stop
it, or go on with it. What a TODO is completed by is a solve too.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
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
_ENDING_S = 2.0
"""How long a solve may take to end after its client has gone."""
Events = AsyncGenerator[Any, None]


@dataclass(frozen=True, slots=True)
class Asking:
    """One solve to be answered: `start` makes its events, of which the `last` kind ends them and is
    the answer."""

    journal: Journal
    key: str
    last: type
    start: Callable[[Control], Events]


@dataclass(frozen=True, slots=True)
class Running:
    """A solve at work in this process."""

    control: Control = field(default_factory=Control)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


def running_in(request: Request) -> dict[str, Running]:
    """The solves at work in this process, by key and id."""
    state = request.app.state
    if not hasattr(state, "solves"):
        state.solves = {}
    solves: dict[str, Running] = state.solves
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
    """The journal of a solve that is not running. Raises UnknownSolve, BadInput.

    Waits for one that ends just now: who stops a solve and goes on with it at once is faster than
    the news that its connection is closed.
    """
    running = running_in(request).get(place_of(key, solve_id))
    if running is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(running.ended.wait(), _ENDING_S)
    journal = await asyncio.to_thread(journal_of, service, key, solve_id)
    _check_ended(place_of(key, solve_id), running_in(request))
    return journal


def _check_ended(place: str, running: dict[str, Running]) -> None:
    if place in running:
        raise BadInput("this solve is running", "Ask for its answer, or stop it.")


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


async def _registered(asking: Asking, running: dict[str, Running]) -> Events:
    own, place = Running(), place_of(asking.key, asking.journal.id)
    _check_ended(place, running)
    running[place] = own
    solving = asking.start(own.control)
    try:
        async for item in solving:
            yield item
    finally:
        try:
            await solving.aclose()
        finally:
            running.pop(place, None)
            own.ended.set()


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
