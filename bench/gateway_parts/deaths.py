"""A storm on a real model whose engine is killed in the middle of it, again and again.

Each prompt repeats two words, "dog cat dog cat dog", and the model goes on, " cat dog": two tokens
that no other prompt has. Only pairs where the model is sure count (both tokens at least a nat
likelier than the next), so that an answer that differs belongs to another request or to a
broken cache, never to rounding.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import time
from typing import Any

import psutil

from gateway_parts.client import ask, completion
from gateway_parts.parts import hang_up, malformed
from gateway_parts.servers import Server

WORDS = """
dog cat sun moon red blue green tree house car book river stone bird fish apple king queen gold iron
north south east west hand foot milk bread rain snow fire water night day road lake
""".split()  # noqa: SIM905 - a text reads better
SURE = 1.0
"""Nats between a token and the next likeliest."""
TRIES = 40
MIB = 2**20


def prompt(first: str, second: str) -> str:
    return f"{first} {second} {first} {second} {first} {second} {first}"


async def sure_pairs(port: int, model: str, count: int) -> list[tuple[str, str]]:
    """Pairs that the model continues as it should, and surely."""
    pairs = [(a, b) for a in WORDS for b in WORDS if a != b]
    random.Random(5).shuffle(pairs)
    gate = asyncio.Semaphore(16)

    async def sure(pair: tuple[str, str]) -> bool:
        body = completion(prompt(*pair), model, max_tokens=2, logprobs=2)
        async with gate:
            status, _, raw = await ask(port, body)
        if status != 200:
            raise RuntimeError(raw.decode())
        choice = json.loads(raw)["choices"][0]
        likely = [sorted(top.values()) for top in choice["logprobs"]["top_logprobs"]]
        right = choice["text"] == f" {pair[1]} {pair[0]}"
        return right and all(len(top) == 2 and top[1] - top[0] >= SURE for top in likely)

    found = await asyncio.gather(*(sure(pair) for pair in pairs[:count]))
    return [pair for pair, yes in zip(pairs, found, strict=False) if yes]


class Storm:
    """Requests at once, and what became of them. A request that is told to come back does, until
    it is answered; one that is never answered is lost."""

    def __init__(self, server: Server, model: str, pairs: list[tuple[str, str]]) -> None:
        self._port, self._process = server
        self._model, self._pairs = model, pairs
        self.tally = {"right": 0, "wrong": 0, "gone": 0, "refused": 0, "lost": 0, "unexpected": 0}
        self.told: dict[str, int] = {}
        """Clear errors on the way to an answer, by their message."""
        self.done = 0

    async def run(self, count: int, at_once: int, kills: int) -> dict[str, Any]:
        kinds = random.Random(11).choices(("right", "gone", "malformed"), (93, 5, 2), k=count)
        gate, memory, killed = asyncio.Semaphore(at_once), [self._mib()], 0
        marks = {count * (number + 1) // (kills + 1) for number in range(kills)}
        began = time.perf_counter()

        async def one(number: int) -> None:
            nonlocal killed
            async with gate:
                self.tally[await self._attempt(number, kinds[number])] += 1
                self.done += 1
                if self.done in marks:
                    killed += self._kill()
                if self.done % (count // 5) == 0:
                    memory.append(self._mib())

        await asyncio.gather(*(one(n) for n in range(count)))
        return {
            "requests": count,
            "distinct_prompts": len(self._pairs),
            "at_once": at_once,
            "engine_killed": killed,
            **self.tally,
            "told_to_come_back": self.told,
            "requests_per_s": round(count / (time.perf_counter() - began), 1),
            "server_mib": memory,
        }

    async def _attempt(self, number: int, kind: str) -> str:
        first, second = self._pairs[number % len(self._pairs)]
        if kind == "malformed":
            return await malformed(self._port)
        text = prompt(first, second)
        if kind == "gone":
            return await hang_up(
                self._port, completion(text, self._model, stream=True, max_tokens=200)
            )
        for _ in range(TRIES):
            body = completion(text, self._model, max_tokens=2)
            status, headers, raw = await ask(self._port, body)
            if status == 200:
                said = json.loads(raw)["choices"][0]["text"]
                return "right" if said == f" {second} {first}" else "wrong"
            if status not in (429, 503):
                return "unexpected"
            reason = json.loads(raw)["error"]["message"].split(" (")[0]
            self.told[reason] = self.told.get(reason, 0) + 1
            await asyncio.sleep(float(headers.get("retry-after", 0.2)))
        return "lost"

    def _kill(self) -> int:
        """SIGKILL to the engine's child; 0 where none runs at the moment."""
        with contextlib.suppress(psutil.NoSuchProcess, ValueError):
            self._child().send_signal(signal.SIGKILL)
            return 1
        return 0

    def _child(self) -> psutil.Process:
        return max(self._process.children(), key=lambda child: child.memory_info().rss)

    def _mib(self) -> float:
        return round(self._process.memory_info().rss / MIB, 1)


async def deaths(server: Server, count: int, at_once: int, kills: int) -> dict[str, Any]:
    port = server[0]
    model = json.loads((await ask(port, None, "GET", "/v1/models"))[2])["data"][0]["id"]
    pairs = await sure_pairs(port, model, 1000)
    return await Storm(server, model, pairs).run(count, at_once, kills)
