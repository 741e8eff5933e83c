"""`/healthz` (the process answers), `/readyz` (the model does), `/metrics`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse
from prometheus_client import generate_latest
from pydantic import BaseModel

from lemmata.engines.base import Engine
from lemmata.errors import BadInput, EngineDied
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.service import Serving

router = APIRouter(tags=["Health"])


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """`context` is in tokens; `active` and `queued` count sequences; `kv_used` tokens held."""

    status: Literal["ready"] = "ready"
    engine: str
    model: str
    adapters: list[str]
    context: int
    active: int
    queued: int
    kv_used: int


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> Alive:
    """Answers as long as the process does."""
    return Alive()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses=ERRORS)
async def readyz(service: Serving) -> Ready:
    """503 while the model loads, while the engine starts again, and after it has died for good."""
    engine = service.ready()
    if not engine.health().ready:
        await _why_not(engine)
    health = engine.health()
    return Ready(
        engine=health.engine,
        model=health.model,
        adapters=[ref.name for ref in engine.adapters()],
        context=health.context,
        active=health.active,
        queued=health.queued,
        kv_used=health.kv_used,
    )


async def _why_not(engine: Engine) -> None:
    """Ask it something: its error tells whether to come back. Returns where it is up by now."""
    with contextlib.suppress(BadInput):  # some engines cannot do this at all
        await asyncio.to_thread(engine.tokenize, "1")
    if not engine.health().ready:
        raise EngineDied("the engine is not running", "Start the server again.")


@router.get(
    "/metrics",
    responses=ERRORS,
    response_class=PlainTextResponse,
    dependencies=[Depends(allow("admin"))],
)
async def metrics(service: Serving) -> PlainTextResponse:
    """In Prometheus' text format."""
    return PlainTextResponse(generate_latest(service.metrics.registry))
