"""Other gateways and servers, measured in the same way in the same run."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from gateway_parts import servers
from gateway_parts.client import (
    WARMING,
    ask,
    chat,
    completion,
    connected,
    events,
    milliseconds,
    request,
    times,
)
from gateway_parts.servers import Server, cpu_s

CHAT = "/v1/chat/completions"
KEPT = 80
"""Requests on one connection; llama-server takes no more than a hundred."""


def version(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    told = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return told.stdout.strip()


def in_front(python: Path | None, count: int) -> dict[str, Any]:
    """Gateways before one and the same OpenAI-compatible server, which answers at once: that server
    asked directly, through Lemmata, and through LiteLLM's proxy."""
    with servers.ours(0.0) as upstream:
        place = f"http://127.0.0.1:{upstream[0]}/v1"
        found: dict[str, Any] = {"direct": _gateway(upstream, count)}
        with servers.lemmata(["--engine", place, "--sequences", "4096"]) as server:
            found["lemmata"] = _gateway(server, count)
        if python is not None:
            with servers.litellm(python, upstream[0]) as server:
                found["litellm"] = _gateway(server, count)
            found["litellm"]["version"] = version(python, "litellm")
    direct = found["direct"]["request"]
    for name in found.keys() - {"direct"}:
        for cut in ("p50_ms", "p95_ms"):
            value = found[name]["request"][cut] - direct[cut]
            found[name][f"added_{cut}"] = round(value, 3)
    return found


def connector(source: Path, rounds: int, count: int) -> dict[str, Any]:
    """A former state and this one in front of another server, turn by turn, so that other load
    meets both alike: medians of what a request takes, and of the gateway's CPU time for it."""
    found: dict[str, dict[str, list[float]]] = {}
    with servers.ours(0.0) as upstream:
        words = ["--engine", f"http://127.0.0.1:{upstream[0]}/v1"]
        with servers.lemmata(words, source=source) as before, servers.lemmata(words) as now:
            for _ in range(rounds):
                for name, server in (("before", before), ("now", now)):
                    used = cpu_s(server[1])
                    taken = _request(server[0], count)["p50_ms"]
                    used = 1e3 * (cpu_s(server[1]) - used) / (count + WARMING)
                    for figure, value in (("request_p50_ms", taken), ("request_cpu_ms", used)):
                        found.setdefault(figure, {}).setdefault(name, []).append(value)
    medians = {
        figure: {name: round(statistics.median(values), 3) for name, values in both.items()}
        for figure, both in found.items()
    }
    return {
        "rounds": rounds,
        **{f: {**m, "ratio": round(m["before"] / m["now"], 3)} for f, m in medians.items()},
    }


def _request(port: int, count: int) -> dict[str, float]:
    bodies = [chat("a", max_tokens=1)] * (count + WARMING)
    return milliseconds(asyncio.run(times(port, bodies, CHAT)))


def _gateway(server: Server, count: int) -> dict[str, Any]:
    return {"request": _request(server[0], count), **asyncio.run(_flood(server, 32, 200))}


async def _flood(server: Server, count: int, tokens: int) -> dict[str, float]:
    """Tokens a second of streams that nothing holds up, and the gateway's own CPU time for each."""
    used, began = cpu_s(server[1]), time.perf_counter()
    whole = await asyncio.gather(
        *(_stream(server[0], f"{n:04}" * (tokens // 4)) for n in range(count))
    )
    seconds, used = time.perf_counter() - began, cpu_s(server[1]) - used
    return {
        "streams": count,
        "whole_and_in_order": sum(whole),
        "tokens_per_s": round(count * tokens / seconds, 1),
        "cpu_us_per_token": round(1e6 * used / (count * tokens), 1),
    }


async def _stream(port: int, text: str) -> bool:
    said = []
    async with connected(port) as connection:
        body = chat(text, stream=True, max_tokens=len(text))
        connection.writer.write(request(body, "POST", CHAT))
        async for data in events(connection.reader):
            choices = json.loads(data)["choices"]
            said += [choice["delta"].get("content") or "" for choice in choices]
    return "".join(said) == text


def with_model(
    gguf: Path, home: Path | None, cpp: Path | None, xllama: Path | None
) -> dict[str, Any]:
    """Servers that hold the model themselves. `list` is the list of models, which the model is not
    needed for; `token` is one token after a short prompt, each time another."""
    opened: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        "lemmata": lambda: servers.lemmata(["--model", str(gguf)], home)
    }
    if cpp is not None:
        opened["llama_cpp.server"] = lambda: servers.llama_cpp(cpp, gguf)
    if xllama is not None:
        opened["llama-server"] = lambda: servers.llama_server(xllama, gguf)
    found = {}
    for name, server in opened.items():
        with server() as (port, _):
            found[name] = asyncio.run(_server(port, KEPT))
    if cpp is not None:
        found["llama_cpp.server"]["version"] = version(cpp, "llama-cpp-python")
    if xllama is not None:
        found["llama-server"]["version"] = version(xllama, "xllamacpp")
    return found


async def _server(port: int, count: int) -> dict[str, Any]:
    told = json.loads((await ask(port, None, "GET", "/v1/models"))[2])
    model = told["data"][0]["id"]
    numbers = range(count + WARMING)
    bodies = [completion(f"Number {n} is", model, max_tokens=1) for n in numbers]
    listed = await times(port, [None for _ in numbers], "/v1/models", "GET")
    token = await times(port, bodies, "/v1/completions")
    return {"list": milliseconds(listed), "token": milliseconds(token)}
