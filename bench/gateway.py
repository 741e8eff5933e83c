"""What the gateway itself costs: `python bench/gateway.py` prints a table, --json writes a record.

The engine is the echo engine, which answers at once or at a given pace, so that what is measured is
HTTP, JSON, admission and streaming. The client is raw sockets in this process, the server a process
of its own. Parts: added latency (through HTTP less the engine called directly), streams at once,
and a storm of requests of which some hang up and some are malformed, every answer compared with
what its own prompt must give.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil

PACE_S = 0.03
"""Between two tokens of the paced engine: 33 tokens a second at most."""


def serve(pace: float, sock_fd: int) -> None:
    """The server process: the real application around the echo engine."""
    from lemmata import settings
    from lemmata.engines.echo import EchoEngine
    from lemmata.server import log
    from lemmata.server.run import serve as run

    async def opening() -> Any:
        return EchoEngine(context=1 << 20, pause=pace)

    log.begin("json")
    sock = socket.socket(fileno=sock_fd)
    run(sock, settings.load(), opening, lambda *_: None, sequences=4096)


@contextlib.contextmanager
def server(pace: float) -> Iterator[tuple[int, psutil.Process]]:
    """A server of its own; gives its port and process."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=4096)
    words = [sys.executable, __file__, "--serve", str(pace), "--fd", str(sock.fileno())]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "LEMMATA_HOME": home}
        child = subprocess.Popen(
            words, pass_fds=[sock.fileno()], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            port = sock.getsockname()[1]
            asyncio.run(until_ready(port))
            yield port, psutil.Process(child.pid)
        finally:
            child.terminate()
            child.wait(60)
            sock.close()


async def until_ready(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            status, _ = await ask(port, None, "GET", "/readyz")
            if status == 200:
                return
        await asyncio.sleep(0.1)
    raise RuntimeError("the server did not come up")


def request(body: bytes | None, method: str, path: str) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + (body or b"")


async def ask(
    port: int, body: bytes | None, method: str = "POST", path: str = "/v1/completions"
) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await over(reader, writer, body, method, path)
    finally:
        writer.close()


async def over(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    body: bytes | None,
    method: str = "POST",
    path: str = "/v1/completions",
) -> tuple[int, bytes]:
    """One request on an open connection; the status and the body."""
    writer.write(request(body, method, path))
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


def prompt_body(text: str, **more: Any) -> bytes:
    return json.dumps({"model": "echo", "prompt": text, "temperature": 0, **more}).encode()


async def latency(port: int, count: int) -> dict[str, float]:
    """Milliseconds for one token, over one kept-alive connection and by the engine alone."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = prompt_body("a", max_tokens=1)
    through = []
    for _ in range(count):
        began = time.perf_counter()
        status, _ = await over(reader, writer, body)
        through.append(time.perf_counter() - began)
        assert status == 200
    writer.close()
    direct = await alone(count)
    return {
        "requests": count,
        "http_p50_ms": 1000 * statistics.median(through),
        "http_p99_ms": 1000 * statistics.quantiles(through, n=100)[98],
        "engine_p50_ms": 1000 * statistics.median(direct),
        "added_p50_ms": 1000 * (statistics.median(through) - statistics.median(direct)),
    }


async def alone(count: int) -> list[float]:
    from lemmata.engines.base import GREEDY, Request, complete
    from lemmata.engines.echo import EchoEngine

    engine, seconds = EchoEngine(), []
    for number in range(count):
        began = time.perf_counter()
        await complete(engine, Request(str(number), "a", sampling=GREEDY))
        seconds.append(time.perf_counter() - began)
    return seconds


async def streams(port: int, count: int, tokens: int) -> dict[str, Any]:
    """Streams at once: tokens a second of each, and whether every event came, in order."""
    text = "".join(random.Random(7).choices("abcdefghij", k=tokens))
    began = time.perf_counter()
    done = await asyncio.gather(*(stream(port, f"{n:05}{text}") for n in range(count)))
    seconds = time.perf_counter() - began
    rates = sorted(rate for _, rate in done)
    return {
        "streams": count,
        "tokens_each": tokens + 5,
        "whole_and_in_order": sum(right for right, _ in done),
        "slowest_tokens_per_s": rates[0],
        "median_tokens_per_s": rates[len(rates) // 2],
        "all_tokens_per_s": count * (tokens + 5) / seconds,
    }


async def stream(port: int, text: str) -> tuple[bool, float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        request(prompt_body(text, stream=True, max_tokens=len(text)), "POST", "/v1/completions")
    )
    said, first = [], 0.0
    async for data in events(reader):
        first = first or time.perf_counter()
        said.append(json.loads(data)["choices"][0]["text"])
    seconds = time.perf_counter() - first
    writer.close()
    return "".join(said) == text, (len(text) - 1) / seconds


async def events(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        line = await reader.readline()
        if line.startswith(b"data: [DONE]") or not line:
            return
        if line.startswith(b"data: "):
            yield line[6:]


async def storm(port: int, process: psutil.Process, count: int, at_once: int) -> dict[str, Any]:
    """Requests of which 5 % hang up and 2 % are malformed; memory at a fifth and at the end."""
    draw = random.Random(11)
    kinds = draw.choices(("right", "gone", "malformed"), (93, 5, 2), k=count)
    tally = {"right": 0, "wrong": 0, "gone": 0, "refused": 0, "unexpected": 0}
    gate, memory = asyncio.Semaphore(at_once), []

    async def one(number: int, kind: str) -> None:
        async with gate:
            tally[await attempt(port, number, kind)] += 1

    began = time.perf_counter()
    fifth = count // 5
    for start in range(0, count, fifth):
        await asyncio.gather(*(one(n, kinds[n]) for n in range(start, min(start + fifth, count))))
        memory.append(process.memory_info().rss / 2**20)
    return {
        "requests": count,
        "at_once": at_once,
        **tally,
        "requests_per_s": count / (time.perf_counter() - began),
        "server_mib_after_each_fifth": [round(value, 1) for value in memory],
    }


async def attempt(port: int, number: int, kind: str) -> str:
    text = f"request {number} of the storm"
    if kind == "malformed":
        status, _ = await ask(port, b'{"model": "echo", "prompt": ')
        return "refused" if status == 400 else "unexpected"
    if kind == "gone":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            request(prompt_body(text * 50, stream=True, max_tokens=5000), "POST", "/v1/completions")
        )
        await reader.readline()
        writer.transport.abort()
        return "gone"
    status, raw = await ask(port, prompt_body(text, max_tokens=100))
    if status != 200:
        return "unexpected"
    return "right" if json.loads(raw)["choices"][0]["text"] == text else "wrong"


def measure(args: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"cores": psutil.cpu_count(), "load_before": os.getloadavg()[0]}
    with server(0.0) as (port, process):
        found["latency"] = asyncio.run(latency(port, args.requests))
        found["storm"] = asyncio.run(storm(port, process, args.storm, 64))
    with server(PACE_S) as (port, _):
        found["streams"] = asyncio.run(streams(port, args.streams, 100))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=float)
    parser.add_argument("--fd", type=int)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--storm", type=int, default=10_000)
    parser.add_argument("--streams", type=int, default=400)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.serve is not None:
        serve(args.serve, args.fd)
        return
    found = measure(args)
    for part, figures in found.items():
        for name, value in figures.items() if isinstance(figures, dict) else [("", figures)]:
            shown = f"{value:.3f}" if isinstance(value, float) else value
            print(f"{part:10} {name:30} {shown}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
