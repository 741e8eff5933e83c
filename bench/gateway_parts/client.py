"""A client of raw sockets: it costs little beside what it measures, and sees every byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers (names in lower case), body."""


def request(body: bytes | None, method: str, path: str) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + (body or b"")


class Connection:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, body: bytes | None, method: str, path: str) -> Answer:
        self.writer.write(request(body, method, path))
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.split(":", 1) for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        if "content-length" in headers:
            told = await self.reader.readexactly(int(headers["content-length"]))
        else:
            told = await self._chunked()
        return int(lines[0].split(" ", 2)[1]), headers, told

    async def _chunked(self) -> bytes:
        parts = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


async def ask(
    port: int, body: bytes | None, method: str = "POST", path: str = "/v1/completions"
) -> Answer:
    async with connected(port) as connection:
        return await connection.ask(body, method, path)


async def events(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The payloads of a stream's events, without the last, [DONE]."""
    while line := await reader.readline():
        if line.startswith(b"data: [DONE]"):
            return
        if line.startswith(b"data: "):
            yield line[6:]


def completion(text: str, model: str = "echo", **more: Any) -> bytes:
    return json.dumps({"model": model, "prompt": text, "temperature": 0, **more}).encode()


def chat(text: str, model: str = "echo", **more: Any) -> bytes:
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": model, "messages": messages, "temperature": 0, **more}).encode()


WARMING = 10


async def times(
    port: int, bodies: Sequence[bytes | None], path: str, method: str = "POST"
) -> list[float]:
    """Seconds of requests one after the other on one connection, the first ten left out."""
    seconds = []
    async with connected(port) as connection:
        for body in bodies:
            began = time.perf_counter()
            status, _, told = await connection.ask(body, method, path)
            seconds.append(time.perf_counter() - began)
            if status != 200:
                raise RuntimeError(f"{path}: {status} {told[:300]!r}")
    return seconds[WARMING:]


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50_ms": round(1000 * cuts[49], 3), "p95_ms": round(1000 * cuts[94], 3)}
