"""`/api/solve`: a problem to a checked answer, whole or as it is written."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from lemmata.engines.base import Sampling
from lemmata.errors import LemmataError
from lemmata.server import errors
from lemmata.server.auth import Infer
from lemmata.server.documents import ERRORS, EVENTS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service, Serving
from lemmata.server.sse import EventStream, event, until_gone
from lemmata.solve import Event, solve_events
from lemmata.types import Problem, Solution, as_json

router = APIRouter(tags=["Lemmata"])


class SolveRequest(Strict):
    """`sampling` fields left out: greedy for one derivation, the model family's own for several."""

    problem: str = Field(min_length=1)
    gold: str | None = Field(None, description="The right answer, where it is known.")
    task: str = "math"
    model: str | None = Field(
        None, min_length=1, description="The base model or an adapter; left out: the base."
    )
    role: str | None = Field(None, description="A role's name; `none` sends the problem bare.")
    votes: int = Field(1, ge=1, le=64)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    stream: bool = False

    def sampling(self) -> Sampling:
        greedy = {"temperature": 0.0} if self.votes == 1 else {}
        given: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
        }
        return Sampling(**greedy | {k: v for k, v in given.items() if v is not None})


class VerdictBody(BaseModel):
    state: str
    reason: str


class StepBody(BaseModel):
    """`state`: holds, fails or unchecked; `start` and `end` are its characters in the derivation;
    `claims` how many were checked; `jump`: its value follows from nothing before it."""

    text: str
    state: str
    reason: str
    start: int
    end: int
    claims: int
    jump: bool


class SolutionBody(BaseModel):
    """`lemmata.types.Solution` as JSON. `seconds` is wall time."""

    problem: str
    derivation: str
    answer: str | None
    verdict: VerdictBody
    steps: list[StepBody]
    evidence: list[str]
    role: str | None
    adapter: str | None
    reasoning: str
    tokens: int
    seconds: float


SOLUTION: dict[int | str, dict[str, Any]] = {
    200: {
        "model": SolutionBody,
        "description": "The solution; with `stream`, events notice, piece, candidate, solution.",
        "content": EVENTS,
    },
    **ERRORS,
}


@router.post("/api/solve", responses=SOLUTION, response_class=JSONResponse)
async def solve(body: SolveRequest, request: Request, service: Serving, key: Infer) -> Response:
    """Derive an answer, and say how far it may be believed."""
    events = _events(body, service, key)
    try:
        first = await until_gone(request, anext(events))
        if body.stream:
            return EventStream(_stream(first, events, service))
        solution = await until_gone(request, _last(events))
        service.metrics.verdicts.labels(solution.verdict.state).inc()
        return JSONResponse(as_json(solution))
    finally:
        if not body.stream:
            await events.aclose()


def _events(body: SolveRequest, service: Service, key: str) -> AsyncGenerator[Event, None]:
    return solve_events(
        Problem(body.problem, body.gold, body.task),
        service.writer(key),
        adapter=service.adapter_of(body.model) if body.model else None,
        role=body.role,
        votes=body.votes,
        sampling=body.sampling(),
        inside=service.thinks_in_prompt,
    )


async def _last(events: AsyncGenerator[Event, None]) -> Solution:
    async for item in events:
        if isinstance(item, Solution):
            return item
    raise AssertionError("solve_events ends with a Solution")


async def _stream(
    first: Event, rest: AsyncGenerator[Event, None], service: Service
) -> AsyncGenerator[bytes, None]:
    try:
        yield _as_event(first)
        async for item in rest:
            if isinstance(item, Solution):
                service.metrics.verdicts.labels(item.verdict.state).inc()
            yield _as_event(item)
    except LemmataError as error:
        yield event(errors.of(error), "error")
    finally:
        await rest.aclose()


def _as_event(item: Event) -> bytes:
    if isinstance(item, Solution):
        return event(as_json(item), "solution")
    return event(asdict(item), type(item).__name__.lower())
