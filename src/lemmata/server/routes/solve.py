"""`/api/solve`: a problem to a checked answer, whole or as it is written; answered now, stopped, or
gone on with, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from lemmata.server import solves
from lemmata.server.auth import Infer
from lemmata.server.documents import ERRORS
from lemmata.server.service import Service, Serving
from lemmata.server.solve_documents import SOLUTION, SolveRequest, SolveState
from lemmata.solve import Control, Event, Journal, solve_events
from lemmata.solve.role import of_adapter
from lemmata.types import Solution

router = APIRouter(tags=["Lemmata"])


@router.post("/api/solve", responses=SOLUTION, response_class=JSONResponse)
async def solve(body: SolveRequest, request: Request, service: Serving, key: Infer) -> Response:
    """Derive an answer, and say how far it may be believed."""
    asked = body.asked(service)
    service.ready()
    journal = await asyncio.to_thread(Journal.create, solves.folder_of(service, key), asked)
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
    journal = await solves.to_go_on_with(request, service, key, solve_id)
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
    journal = await asyncio.to_thread(solves.journal_of, service, key, solve_id)
    running = solves.place_of(key, solve_id) in solves.running_in(request)
    return SolveState(id=solve_id, running=running, finished=journal.solution is not None)


async def _told(
    solve_id: str, request: Request, service: Service, key: str, *, stop: bool
) -> SolveState:
    journal = await asyncio.to_thread(solves.journal_of, service, key, solve_id)
    running = solves.running_in(request).get(solves.place_of(key, solve_id))
    if running is not None:
        (running.control.cancel if stop else running.control.answer_now)()
    return SolveState(
        id=solve_id, running=running is not None, finished=journal.solution is not None
    )


async def _answer(
    journal: Journal, request: Request, service: Service, key: str, stream: bool
) -> Response:
    asked = journal.asked

    def start(control: Control) -> AsyncGenerator[Event, None]:
        return solve_events(
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

    asking = solves.Asking(journal, key, Solution, start)
    return await solves.answer(asking, request, service, stream)
