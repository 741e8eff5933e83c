"""`/api/solve`: a problem to a checked answer, whole or as it is written; answered now, stopped, or
gone on with, also after a restart."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from lemmata.errors import BadInput, LemmataError, UnknownSolve
from lemmata.server import errors
from lemmata.server.auth import Infer
from lemmata.server.documents import ERRORS
from lemmata.server.service import Service, Serving
from lemmata.server.solve_documents import SOLUTION, SolveRequest, SolveState
from lemmata.server.sse import EventStream, event, until_gone
from lemmata.solve import Control, Event, Journal, solve_events
from lemmata.solve.role import of_adapter
from lemmata.types import Solution, as_json

router = APIRouter(tags=["Lemmata"])
ID_HEADER = "Lemmata-Solve"


@router.post("/api/solve", responses=SOLUTION, response_class=JSONResponse)
async def solve(body: SolveRequest, request: Request, service: Serving, key: Infer) -> Response:
    """Derive an answer, and say how far it may be believed."""
    asked = body.asked(service)
    service.ready()
    journal = await asyncio.to_thread(Journal.create, _folder(service, key), asked)
    return await _answer(journal, request, service, key, body.stream)


@router.post("/api/solve/{solve_id}/resume", responses=SOLUTION, response_class=JSONResponse)
async def resume(
    solve_id: str,
    request: Request,
    service: Serving,
    key: Infer,
    stream: bool = Query(False),
) -> Response:
    """Go on with a solve that was stopped, also by a restart of the server."""
    journal = await asyncio.to_thread(_journal, service, key, solve_id)
    if _place(key, solve_id) in _running(request):
        raise BadInput("this solve is running", "Ask for its answer, or stop it.")
    return await _answer(journal, request, service, key, stream)


@router.post("/api/solve/{solve_id}/answer", responses=ERRORS)
async def answer_now(solve_id: str, request: Request, service: Serving, key: Infer) -> SolveState:
    """Have a running solve answer now, from what it has."""
    return await _told(solve_id, request, service, key, stop=False)


@router.delete("/api/solve/{solve_id}", responses=ERRORS)
async def stop(solve_id: str, request: Request, service: Serving, key: Infer) -> SolveState:
    """Stop a running solve; it can be resumed."""
    return await _told(solve_id, request, service, key, stop=True)


@router.get("/api/solve/{solve_id}", responses=ERRORS)
async def state(solve_id: str, request: Request, service: Serving, key: Infer) -> SolveState:
    """Whether a solve is running or finished."""
    journal = await asyncio.to_thread(_journal, service, key, solve_id)
    running = _place(key, solve_id) in _running(request)
    return SolveState(id=solve_id, running=running, finished=journal.solution is not None)


async def _told(
    solve_id: str, request: Request, service: Service, key: str, *, stop: bool
) -> SolveState:
    journal = await asyncio.to_thread(_journal, service, key, solve_id)
    control = _running(request).get(_place(key, solve_id))
    if control is not None:
        (control.cancel if stop else control.answer_now)()
    return SolveState(
        id=solve_id, running=control is not None, finished=journal.solution is not None
    )


def _running(request: Request) -> dict[str, Control]:
    """The solves at work in this process, by key and id."""
    state = request.app.state
    if not hasattr(state, "solves"):
        state.solves = {}
    solves: dict[str, Control] = state.solves
    return solves


def _place(key: str, solve_id: str) -> str:
    return f"{key}/{solve_id}"


def _folder(service: Service, key: str) -> Path:
    """Each key its own: nobody sees another's solves."""
    own = hashlib.sha256(key.encode()).hexdigest()[:16] if key else "open"
    return service.settings.home / "solves" / own


def _journal(service: Service, key: str, solve_id: str) -> Journal:
    try:
        return Journal.open(_folder(service, key), solve_id)
    except BadInput as error:
        raise UnknownSolve(error.cause, "Ask the problem again.") from error


async def _answer(
    journal: Journal, request: Request, service: Service, key: str, stream: bool
) -> Response:
    events = _events(journal, service, key, _running(request))
    try:
        first = await until_gone(request, anext(events))
        if stream:
            answer: Response = EventStream(_stream(journal.id, first, events, service))
        else:
            if not isinstance(first, Solution):
                first = await until_gone(request, _last(events))
            service.metrics.verdicts.labels(first.verdict.state).inc()
            answer = JSONResponse(as_json(first))
        answer.headers[ID_HEADER] = journal.id
        return answer
    except LemmataError:
        journal.forget_if_unbegun()
        raise
    finally:
        if not stream:
            await events.aclose()


async def _events(
    journal: Journal, service: Service, key: str, running: dict[str, Control]
) -> AsyncGenerator[Event, None]:
    asked, control, place = journal.asked, Control(), _place(key, journal.id)
    running[place] = control
    solving = solve_events(
        asked.problem,
        service.writer(key),
        adapter=asked.adapter,
        role=asked.role or of_adapter(asked.adapter, service.ready().adapters()),
        votes=asked.votes,
        sampling=asked.sampling,
        inside=service.thinks_in_prompt,
        how=asked.how,
        control=control,
        journal=journal,
    )
    try:
        async for item in solving:
            yield item
    finally:
        running.pop(place, None)
        await solving.aclose()


async def _last(events: AsyncGenerator[Event, None]) -> Solution:
    async for item in events:
        if isinstance(item, Solution):
            return item
    raise AssertionError("solve_events ends with a Solution")


async def _stream(
    solve_id: str, first: Event, rest: AsyncGenerator[Event, None], service: Service
) -> AsyncGenerator[bytes, None]:
    try:
        yield event({"id": solve_id}, "started")
        yield _as_event(first, service)
        async for item in rest:
            yield _as_event(item, service)
    except LemmataError as error:
        yield event(errors.of(error), "error")
    finally:
        await rest.aclose()


def _as_event(item: Event, service: Service) -> bytes:
    if isinstance(item, Solution):
        service.metrics.verdicts.labels(item.verdict.state).inc()
        return event(as_json(item), "solution")
    return event(asdict(item), type(item).__name__.lower())
