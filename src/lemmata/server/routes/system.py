"""`/api/system`, `/api/doctor`, `/api/keys`: what the person who runs the server looks at."""

from __future__ import annotations

import platform
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import psutil
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from lemmata import __version__
from lemmata.server.auth import allow
from lemmata.server.commands import document_of
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service, Serving
from lemmata.server.sse import until_gone

if TYPE_CHECKING:
    from lemmata.server.state.keys import Key, Keys

router = APIRouter(tags=["System"], dependencies=[Depends(allow("admin"))])
DOCTOR_SECONDS = 120


class Memory(BaseModel):
    """Bytes: of the machine, and of this process with its children."""

    total: int
    available: int
    own: int


class SystemBody(BaseModel):
    """`context` and `kv_used` are in tokens, `uptime` in seconds; `active` and `waiting` count
    sequences; `keys_wanted`: nobody comes in without a key."""

    version: str
    python: str
    engine: str | None
    model: str
    ready: bool
    context: int
    kv_used: int
    adapters: int
    active: int
    waiting: int
    threads: int
    memory: Memory
    uptime: int
    keys_wanted: bool
    database: Literal["sqlite", "postgresql", "other"]


class FindingBody(BaseModel):
    name: str
    state: Literal["ok", "warn", "fail"]
    value: str
    mend: str


class Doctor(BaseModel):
    """`ok`: nothing needed is missing."""

    ok: bool
    findings: list[FindingBody]


class KeyBody(BaseModel):
    """A key without its secret. `used` are its tokens of today (UTC)."""

    id: str
    name: str
    scope: Literal["infer", "tune", "admin"]
    created: datetime
    requests_per_minute: int | None
    sequences: int | None
    tokens_per_day: int | None
    used: int


class KeyList(BaseModel):
    keys: list[KeyBody]


class NewKey(Strict):
    name: str = Field(pattern=r"^[\w.@ -]{1,64}$")
    scope: Literal["infer", "tune", "admin"] = "infer"
    requests_per_minute: Annotated[int, Field(ge=1, le=10**6)] | None = None
    sequences: Annotated[int, Field(ge=1, le=10**4)] | None = None
    tokens_per_day: Annotated[int, Field(ge=1, le=10**12)] | None = None


class MadeKey(BaseModel):
    """`key` is shown this once."""

    key: str


@router.get("/api/system", responses=ERRORS)
def system(service: Serving) -> SystemBody:
    """The engine, the queue, the memory."""
    health = service.engine.health() if service.engine else None
    memory, me = psutil.virtual_memory(), psutil.Process()
    own = sum(_resident(each) for each in (me, *me.children(recursive=True)))
    url = service.settings.database_url.split(":")[0].split("+")[0]
    return SystemBody(
        version=__version__,
        python=platform.python_version(),
        engine=health.engine if health else None,
        model=health.model if health else service.settings.model,
        ready=bool(health and health.ready),
        context=health.context if health else 0,
        kv_used=health.kv_used if health else 0,
        adapters=len(service.engine.adapters()) if service.engine else 0,
        active=service.admission.active,
        waiting=service.admission.waiting,
        threads=service.settings.threads,
        memory=Memory(total=memory.total, available=memory.available, own=own),
        uptime=service.uptime,
        keys_wanted=service.gate is not None,
        database=url if url in ("sqlite", "postgresql") else "other",  # type: ignore[arg-type]
    )


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


@router.get("/api/doctor", responses=ERRORS)
async def doctor(request: Request, service: Serving) -> Doctor:
    """What `lemmata doctor` says of this machine; it takes some seconds."""
    work = document_of(["doctor", "--json"], service.settings, DOCTOR_SECONDS)
    return Doctor(**await until_gone(request, work))


@router.get("/api/keys", responses=ERRORS)
def keys(service: Serving) -> KeyList:
    """All keys, without their secrets."""
    store = _keys(service)
    return KeyList(keys=[_body(key, store.used(key.id)) for key in store.list()])


def _keys(service: Service) -> Keys:
    """The database's library is imported at its first use, as in `jobs_of`."""
    from lemmata.server.state.keys import Keys

    return Keys(service.database())


def _body(key: Key, used: int) -> KeyBody:
    limits = key.allowance
    return KeyBody(
        id=key.id,
        name=key.name,
        scope=key.scope,
        created=key.created,
        requests_per_minute=limits.requests_per_minute,
        sequences=limits.sequences,
        tokens_per_day=limits.tokens_per_day,
        used=used,
    )


@router.post("/api/keys", responses=ERRORS, status_code=201)
def add(body: NewKey, service: Serving) -> MadeKey:
    """Make a key; its text is shown this once."""
    from lemmata.server.state.keys import Allowance

    limits = Allowance(body.requests_per_minute, body.sequences, body.tokens_per_day)
    return MadeKey(key=_keys(service).add(body.name, body.scope, limits))


@router.delete("/api/keys/{name}", responses=ERRORS, status_code=204)
def remove(name: str, service: Serving) -> None:
    """Take a key back; it stops working within seconds."""
    _keys(service).remove(name)
