"""The gateway alone, around the echo engine: added latency, streams at once, a storm."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

from gateway_parts import servers
from gateway_parts.client import (
    WARMING,
    ask,
    completion,
    connected,
    events,
    milliseconds,
    request,
    times,
)
from gateway_parts.servers import PACE_S, Server, cpu_s

PATH = "/v1/completions"


def latency(port: int, count: int) -> dict[str, Any]:
    """One token over one kept-alive connection, less the same by the engine alone."""
    bodies = [completion("a", max_tokens=1)] * (count + WARMING)
    through = milliseconds(asyncio.run(times(port, bodies, PATH)))
    alone = milliseconds(asyncio.run(_alone(count)))
    return {
        "requests": count,
        "http": through,
        "engine": alone,
        "added_p50_ms": round(through["p50_ms"] - alone["p50_ms"], 3),
        "added_p95_ms": round(through["p95_ms"] - alone["p95_ms"], 3),
    }


async def _alone(count: int) -> list[float]:
    from lemmata.engines.base import GREEDY, Request, complete
    from lemmata.engines.echo import EchoEngine

    engine, seconds = EchoEngine(), []
    for number in range(count):
        began = time.perf_counter()
        await complete(engine, Request(str(number), "a", sampling=GREEDY))
        seconds.append(time.perf_counter() - began)
    return seconds


async def streams(server: Server, count: int, tokens: int) -> dict[str, Any]:
    """Streams at once: tokens a second of each, and whether every event came, in order."""
    port, process = server
    text = "".join(random.Random(7).choices("abcdefghij", k=tokens))
    began, used = time.perf_counter(), cpu_s(process)
    done = await asyncio.gather(*(_stream(port, f"{n:05}{text}") for n in range(count)))
    seconds, used = time.perf_counter() - began, cpu_s(process) - used
    rates = sorted(rate for _, rate in done)
    return {
        "streams": count,
        "tokens_each": tokens + 5,
        "whole_and_in_order": sum(right for right, _ in done),
        "slowest_tokens_per_s": round(rates[0], 2),
        "median_tokens_per_s": round(statistics.median(rates), 2),
        "all_tokens_per_s": round(count * (tokens + 5) / seconds, 1),
        "server_cpu_us_per_token": round(1e6 * used / (count * (tokens + 5)), 2),
    }


async def _stream(port: int, text: str) -> tuple[bool, float]:
    body = completion(text, stream=True, max_tokens=len(text))
    said, first = [], 0.0
    async with connected(port) as connection:
        connection.writer.write(request(body, "POST", PATH))
        async for data in events(connection.reader):
            first = first or time.perf_counter()
            said.append(json.loads(data)["choices"][0]["text"])
    return "".join(said) == text, (len(text) - 1) / (time.perf_counter() - first)


async def storm(server: Server, count: int, at_once: int) -> dict[str, Any]:
    """Requests of which 5 % hang up and 2 % are malformed; memory after each fifth."""
    port, process = server
    kinds = random.Random(11).choices(("right", "gone", "malformed"), (93, 5, 2), k=count)
    tally = {"right": 0, "wrong": 0, "gone": 0, "refused": 0, "unexpected": 0}
    gate, memory = asyncio.Semaphore(at_once), []

    async def one(number: int, kind: str) -> None:
        async with gate:
            tally[await _attempt(port, number, kind)] += 1

    began, fifth = time.perf_counter(), -(-count // 5)
    for start in range(0, count, fifth):
        await asyncio.gather(*(one(n, kinds[n]) for n in range(start, min(start + fifth, count))))
        memory.append(round(process.memory_info().rss / 2**20, 1))
    return {
        "requests": count,
        "at_once": at_once,
        **tally,
        "requests_per_s": round(count / (time.perf_counter() - began), 1),
        "server_mib_after_each_fifth": memory,
    }


async def _attempt(port: int, number: int, kind: str) -> str:
    text = f"request {number} of the storm"
    if kind == "gone":
        return await hang_up(port, completion(text * 50, stream=True, max_tokens=5000))
    if kind == "malformed":
        return await malformed(port)
    status, _, raw = await ask(port, completion(text, max_tokens=100))
    if status != 200:
        return "unexpected"
    return "right" if json.loads(raw)["choices"][0]["text"] == text else "wrong"


async def hang_up(port: int, body: bytes) -> str:
    """Go as soon as the answer has begun."""
    async with connected(port) as connection:
        connection.writer.write(request(body, "POST", PATH))
        await connection.reader.readline()
        connection.writer.transport.abort()
    return "gone"


async def malformed(port: int) -> str:
    status, _, _ = await ask(port, b'{"model": "echo", "prompt": ')
    return "refused" if status == 400 else "unexpected"


def against(source: Path, rounds: int) -> dict[str, Any]:
    """A former state beside this one, turn by turn, so that other load meets both alike: medians,
    and by how much the former is larger. Streams without a pause are bound by the server's CPU."""
    found: dict[str, dict[str, list[float]]] = {}
    with (
        servers.ours(0.0, source) as before, servers.ours(0.0) as now,
        servers.ours(PACE_S, source) as before_paced, servers.ours(PACE_S) as now_paced,
    ):  # fmt: skip
        for _ in range(rounds):
            for name, free, paced in (("before", before, before_paced), ("now", now, now_paced)):
                for figure, value in _compared(free, paced).items():
                    found.setdefault(figure, {}).setdefault(name, []).append(value)
    medians = {
        figure: {name: statistics.median(values) for name, values in both.items()}
        for figure, both in found.items()
    }
    return {
        "rounds": rounds,
        **{f: {**m, "ratio": round(m["before"] / m["now"], 3)} for f, m in medians.items()},
    }


def _compared(free: Server, paced: Server) -> dict[str, float]:
    few, many = asyncio.run(streams(free, 50, 200)), asyncio.run(streams(paced, 150, 60))
    return {
        "request_p50_ms": latency(free[0], 100)["http"]["p50_ms"],
        "cpu_us_per_token": few["server_cpu_us_per_token"],
        "cpu_us_per_paced_token": many["server_cpu_us_per_token"],
    }
