"""`/api/jobs`: tunings, evaluations and data checks: watch them, stop them, go on with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from lemmata.adapters.registry import Registry
from lemmata.errors import BadInput, LemmataError
from lemmata.server import errors
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS, EVENTS
from lemmata.server.jobs.folder import FINAL
from lemmata.server.jobs.follow import Lines
from lemmata.server.openai_types import Strict
from lemmata.server.routes.adapters import Adapter, check_name, shown
from lemmata.server.service import Service, Serving
from lemmata.server.sse import EventStream, event

if TYPE_CHECKING:
    from lemmata.server.jobs.jobs import Jobs, Known

router = APIRouter(tags=["Jobs"], dependencies=[Depends(allow("tune"))])
LOOK_SECONDS = 0.25
"""Between two looks at a job that is watched."""
ALIVE_LOOKS = 60
"""Looks without news after which a comment keeps proxies from closing the connection."""


class JobBody(BaseModel):
    """`about` is what was asked; `output` what it printed (JSON where it is that), `log` the last
    lines it told people; `run` the run folder of a tuning; `host` the machine it was started on.
    State `no`: the command's answer was no; `lost`: its process went without a word. Times are
    UTC."""

    id: str
    kind: Literal["train", "plan", "eval", "check", "prepare", "mask", "conjecture"]
    title: str
    state: Literal["running", "done", "no", "stopped", "failed", "lost"]
    about: dict[str, Any]
    run: str | None
    host: str
    created: datetime
    ended: datetime | None
    output: Any
    log: list[str]


class JobList(BaseModel):
    jobs: list[JobBody]


class Served(Strict):
    name: str = Field(min_length=1, max_length=64, description="What requests will call it.")


def jobs_of(service: Service) -> Jobs:
    """Blocks while the database is opened. SQLAlchemy is a fifth of what a start would import, and
    a first answer needs none."""
    from lemmata.server.jobs.jobs import Jobs

    return Jobs(service.database(), service.settings)


def body_of(known: Known) -> JobBody:
    return JobBody(**asdict(known))


def search_of(jobs: Jobs, number: str) -> Path:
    """The folder in which a conjecture's job keeps its frontier, its events and its report."""
    return jobs.folder(number) / "search"


@router.get("/api/jobs", responses=ERRORS)
def jobs(
    service: Serving,
    kind: Annotated[
        Literal["train", "plan", "eval", "check", "prepare", "mask", "conjecture"] | None, Query()
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JobList:
    """The latest first, without what they printed."""
    return JobList(jobs=[body_of(job) for job in jobs_of(service).list(kind, limit)])


@router.get("/api/jobs/{number}", responses=ERRORS)
def job(number: str, service: Serving) -> JobBody:
    """One of them, with what it printed."""
    return body_of(jobs_of(service).get(number))


@router.post("/api/jobs/{number}/stop", responses=ERRORS)
def stop(number: str, service: Serving) -> JobBody:
    """Ask it to save and end, as Ctrl-C would."""
    return body_of(jobs_of(service).stop(number))


@router.post("/api/jobs/{number}/resume", responses=ERRORS)
def resume(number: str, service: Serving) -> JobBody:
    """Go on: a stopped tuning from its newest checkpoint, an evaluation with what is left, a search
    for a counterexample from its frontier, also where its budget has ended."""
    return body_of(jobs_of(service).resume(number))


@router.delete("/api/jobs/{number}", responses=ERRORS, status_code=204)
def remove(number: str, service: Serving) -> None:
    """Forget it; one that runs is ended. The run folder of a tuning stays."""
    jobs_of(service).remove(number)


_WATCH = {200: {"description": "Events job and line, to the end.", "content": EVENTS}, **ERRORS}


@router.get("/api/jobs/{number}/events", responses=_WATCH, response_class=StreamingResponse)
async def watch(
    number: str, service: Serving, after: Annotated[int, Query(ge=0, le=2**31)] = 0
) -> EventStream:
    """Server-sent events: `job` whenever its state changes, `line` for each line of its event log
    from number `after` on. Ends with the job; come back with `after` to go on reading."""
    store = await asyncio.to_thread(jobs_of, service)
    first = await asyncio.to_thread(store.get, number)
    return EventStream(_watch(service, store, first, after))


async def _watch(
    service: Service, store: Jobs, known: Known, after: int
) -> AsyncGenerator[bytes, None]:
    try:
        async for told in _events(service, store, known, after):
            yield told
    except LemmataError as error:  # forgotten meanwhile, or the database has gone
        yield event(errors.of(error), "error")


async def _events(
    service: Service, store: Jobs, known: Known, after: int
) -> AsyncGenerator[bytes, None]:
    lines, told, quiet = Lines(after), "", 0
    while True:
        quiet += 1
        if known.state != told:
            told, quiet = known.state, 0
            yield event(body_of(known).model_dump(mode="json"), "job")
        for number, line in await asyncio.to_thread(_fresh, lines, _folder(store, known)):
            quiet = 0
            yield event({"number": number, "line": line}, "line")
        if told in FINAL or service.stopping:
            return
        if quiet >= ALIVE_LOOKS:
            quiet = 0
            yield b": alive\n\n"
        await asyncio.sleep(LOOK_SECONDS)
        known = await asyncio.to_thread(store.get, known.id)


def _folder(store: Jobs, known: Known) -> Path | None:
    """Where the job logs its events."""
    if known.kind == "conjecture":
        return search_of(store, known.id)
    return Path(known.run) if known.run else None


def _fresh(lines: Lines, folder: Path | None) -> list[tuple[int, Any]]:
    return lines.fresh(folder / "events.jsonl") if folder else []


@router.post("/api/jobs/{number}/serve", responses=ERRORS)
async def serve(number: str, body: Served, service: Serving) -> Adapter:
    """Register the adapter that a tuning made and load it, under that name."""
    check_name(body.name, service)
    known = await asyncio.to_thread(lambda: jobs_of(service).get(number))
    final = Path(known.run or "") / "final"
    if known.kind != "train" or not known.run or not final.is_dir():
        raise BadInput("this job has made no adapter", "Let it finish first.")
    async with service.changing:
        registry = Registry(service.settings.adapters_dir)
        ref = await asyncio.to_thread(registry.add, final, body.name)
        await service.ready().load_adapter(ref)
        service.metrics.adapter_loads.inc()
    return shown(ref)
