"""A real uvicorn on an ephemeral loopback port, around whatever engine a test brings."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import openai
import uvicorn
import uvloop

from lemmata.engines.base import Engine
from lemmata.server.app import create_app
from lemmata.server.auth import Gate
from lemmata.server.protocol import configured
from lemmata.server.service import Service
from lemmata.settings import Settings


@dataclass
class Running:
    """A server under test, and three ways to talk to it."""

    url: str
    service: Service
    http: httpx.Client
    client: openai.OpenAI


@contextlib.contextmanager
def running(
    engine: Engine | None, home: Path, gate: Gate | None = None, origins: Sequence[str] = ()
) -> Iterator[Running]:
    settings = Settings(home, "scripted", "127.0.0.1", 0, 1, None, True, "www.modelscope.cn")
    service = Service(settings, gate=gate)
    sock = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    server = uvicorn.Server(configured(create_app(service, origins=origins)))

    async def serve() -> None:
        if engine is not None:
            await service.begin(engine)
        await server.serve([sock])

    # In a thread of its own, as a test in a browser has an event loop running already.
    thread = threading.Thread(target=lambda: uvloop.run(serve()))
    thread.start()
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=10)
    try:
        with httpx.Client(base_url=url, timeout=10) as http:
            while not server.started:
                time.sleep(0.005)
            yield Running(url, service, http, client)
    finally:
        client.close()
        server.should_exit = True
        thread.join(10)
        sock.close()
    assert not thread.is_alive()
