"""HTTP/1.1 as this server reads it: httptools' parser, with bounds that it does not have itself."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from lemmata.server.errors import body

LARGEST_HEAD = 64 * 2**10
"""Bytes of a request's line and headers, as in uvicorn's other parser."""
HEAD_SECONDS = 60.0
"""For those, from the connection's beginning or the request's first byte."""
STALLED_SECONDS = 60.0
"""For a client to take what was sent: one that reads nothing holds a place in the engine."""
LINGER_SECONDS = 5.0
"""A connection closed over unread bytes is reset, and the reset can overtake the answer."""


def configured(app: object, drain_seconds: int | None = None) -> uvicorn.Config:
    """uvicorn for this application, and nothing that would log a request."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=BoundedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=drain_seconds,
    )


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a head that outgrows the limit, and hangs up on one that does not come and on a
    client that does not read its answer."""

    _in_head, _read, _refused = True, 0, False
    _late: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Corked(transport, self.loop))
        self._late = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._come()
        self._moves()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._moves()
        super().resume_writing()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._read = True, 0
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._come()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._in_head and not self._refused:
            self._read += len(data)
            if self._read > LARGEST_HEAD:
                self._refuse(431, f"the headers are larger than {LARGEST_HEAD // 2**10} KiB")

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours is in the errors' form
        self._refuse(400, "this is no HTTP request")

    def _moves(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _come(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: int, why: str) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # another answer is under way: nothing can be told between
            return
        told = json.dumps(body(why, status)).encode()
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(told) + told)
        self.transport.write_eof()
        self._refused = True
        self._come()
        self._late = self.loop.call_later(LINGER_SECONDS, self.transport.close)


class Corked(asyncio.Transport):
    """A transport that sends what is written in one turn of the event loop by one system call: an
    answer's head with its body, the pieces of several texts that one step of the engine made."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(bytes(data))
        self._size += len(data)
        if self._size > HIGH_WATER_LIMIT:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            held, self._held, self._size = b"".join(self._held), [], 0
            self._transport.write(held)

    def write_eof(self) -> None:
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
