"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from lemmata.server.errors import ClientGone

T = TypeVar("T")
DONE = b"data: [DONE]\n\n"
_BREAKS = tuple((mark.encode(), f"\\u{ord(mark):04x}".encode()) for mark in "\x85\u2028\u2029")
"""Line breaks to Python's `splitlines`, by which httpx and requests cut events, and not to JSON."""


def event(data: Any, name: str | None = None) -> bytes:
    """One event with a JSON payload, which never holds a line break of any kind."""
    head = f"event: {name}\ndata: ".encode() if name else b"data: "
    told = to_json(data, inf_nan_mode="null")
    if not told.isascii():
        for mark, escaped in _BREAKS:
            told = told.replace(mark, escaped)
    return head + told + b"\n\n"


class EventStream(StreamingResponse):
    """A stream whose source is closed however the response ends, also before its first byte."""

    media_type = "text/event-stream"

    def __init__(self, source: AsyncGenerator[bytes, None]) -> None:
        super().__init__(source, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._source.aclose()


async def until_gone(request: Request, work: Awaitable[T]) -> T:
    """Await `work`, or cancel it as soon as the client hangs up, which raises ClientGone."""
    task = asyncio.ensure_future(work)
    watcher = asyncio.ensure_future(_hang_up(request))
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGone
    finally:
        watcher.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _hang_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
