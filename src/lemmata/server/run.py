"""One server process: take the port, load the model while already answering, serve, drain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from types import FrameType

import uvicorn
import uvloop

from lemmata.engines.base import Engine
from lemmata.server import listen
from lemmata.server.admission import SLOTS, WAITING, Admission
from lemmata.server.app import create_app
from lemmata.server.auth import Gate
from lemmata.server.protocol import configured
from lemmata.server.service import Service
from lemmata.settings import Settings

DRAIN_SECONDS = 30
"""How long answers under way may take to finish after a stop was asked for."""
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
log = logging.getLogger("lemmata.server")

Opening = Callable[[], Awaitable[Engine]]
Announce = Callable[[str, str], None]
"""Told the model's name and the URL once both answer."""


class _Server(uvicorn.Server):
    """uvicorn, keeping which signal stopped it instead of raising it again."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.stopped_by: int | None = None
        self._service = service

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stopped_by = sig
        self._service.stopping = True
        super().handle_exit(sig, frame)


def serve(
    sock: socket.socket,
    settings: Settings,
    opening: Opening,
    announce: Announce,
    hosts: Sequence[str] = (),
    gate: Gate | None = None,
    origins: Sequence[str] = (),
    sequences: int = SLOTS,
    time_limit: float | None = None,
) -> int:
    """Serve on a listening socket until a signal; returns the exit code (0, or 130 for Ctrl-C).

    `opening` makes the engine, adapters loaded. `hosts` are names besides loopback's own that a
    proxy on this machine may send; `gate` says who may ask, None lets everybody; `origins` are
    pages elsewhere that may ask from a browser; `sequences` are handed to the engine at once,
    none for longer than `time_limit` seconds.
    Raises what `opening` raises.
    """
    admission = Admission(sequences, max(WAITING, sequences))
    service = Service(settings, gate=gate, admission=admission, time_limit=time_limit)
    return uvloop.run(_serve(sock, service, opening, announce, (hosts, origins)))


async def _serve(
    sock: socket.socket,
    service: Service,
    opening: Opening,
    announce: Announce,
    named: tuple[Sequence[str], Sequence[str]],
) -> int:
    hosts, origins = named
    allowed = (*_LOOPBACK_HOSTS, *hosts) if listen.is_loopback(sock.getsockname()[0]) else None
    server = _Server(configured(create_app(service, allowed, origins), DRAIN_SECONDS), service)
    serving = asyncio.create_task(server.serve([sock]))
    loading = asyncio.create_task(_load(service, opening, announce, listen.url(sock)))
    await asyncio.wait({serving, loading}, return_when=asyncio.FIRST_COMPLETED)
    failed = loading.done() and loading.exception() is not None
    server.should_exit |= failed
    await serving
    code = 130 if server.stopped_by == signal.SIGINT else 0
    if not loading.done():
        _leave(code)
    if failed and server.stopped_by is None:
        loading.result()
    await service.close()
    return code


async def _load(service: Service, opening: Opening, announce: Announce, where: str) -> None:
    started = time.monotonic()
    engine = await opening()
    await service.begin(engine)
    health = engine.health()
    log.info(
        "%s on %s with %d adapters, loaded in %.1f s",
        health.model, health.engine, len(engine.adapters()), time.monotonic() - started,
    )  # fmt: skip
    announce(health.model, where)


def _leave(code: int) -> None:
    """Stopped while the model loads: loading only reads, and nothing can interrupt it."""
    if code == 130:
        sys.stderr.write("stopped\n")
    sys.stderr.flush()
    os._exit(code)
