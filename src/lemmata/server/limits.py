"""How much a request may hold; told in the same error form as everything else."""

from __future__ import annotations

import asyncio
import contextlib
import re

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemmata.server.errors import body

DEFAULT = 4 * 2**20
"""Bytes; a 32k-token prompt is well below 1 MiB."""
UPLOAD = 256 * 2**20
"""Bytes; a rank-64 adapter of every projection of a 3B model."""
UPLOADS = re.compile(r"/api/(adapters|data)/[^/]+")
"""PUT there reads a file as it comes and only with a key. Every other body is in memory before the
key is looked at, so it has the smaller limit."""
SILENT_SECONDS = 60.0
"""Between two pieces of a request's body."""
LINGER_BYTES = 64 * 2**20
LINGER_SECONDS = 5.0


class BodyLimit:
    """Refuses a body by its declared length, and stops reading one that outgrows the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = scope["method"] == "PUT" and UPLOADS.fullmatch(scope["path"])
        limit = UPLOAD if upload else DEFAULT
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(limit, scope, receive, send)
            return
        read, whole = 0, False

        async def counted() -> Message:
            nonlocal read, whole
            message = await (receive() if whole else _in_time(receive))
            whole = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > limit:
                await _discard(receive)
                raise HTTPException(413, _message(limit))
            return message

        await self._app(scope, counted, send)


async def _in_time(receive: Receive) -> Message:
    """The next piece of a body; who sends none for long holds a place that others want."""
    try:
        async with asyncio.timeout(SILENT_SECONDS):
            return await receive()
    except TimeoutError as error:
        raise HTTPException(408, "the request did not come to its end in time") from error


async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    await _discard(receive)
    response = JSONResponse(body(_message(limit), 413), 413, {"Connection": "close"})
    await response(scope, receive, send)


async def _discard(receive: Receive) -> None:
    """Read on for a little while and keep nothing.

    A connection closed over unread bytes is reset, and the reset can reach a client that is still
    sending before the answer does: it would see a broken pipe and never the reason.
    """
    read = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while read < LINGER_BYTES:
                message = await receive()
                read += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def _message(limit: int) -> str:
    return f"the request is larger than {limit // 2**20} MiB"
