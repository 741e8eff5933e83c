"""How long an adapter's turn should be: `python bench/slices.py [--rounds 3] [--only contexts]`.

16 requests over 8 adapters, 64 tokens each, with slices of 4 to 64 steps; the engines take turns
within a round. A long slice saves changes of adapter, a short one lets nobody wait long. Printed
are tokens a second, the 95th percentile of the first token, and the longest silence of any request
after its first token; and the processor time of a token, which other load hardly changes. Then one
stream of repeating text and one of fresh text, with guessed tokens (`draft`) off, of two fixed
lengths, and as measured. Written to results/slices.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import psutil
import serve_peers as peers

from adapters import random_adapter
from lemmata import settings
from lemmata.engines.base import Request, Sampling
from lemmata.models.store import Store

RESULTS = Path(__file__).parent / "results" / "slices.json"
SLICES = (4, 8, 16, 32, 64)
DRAFTS: dict[str, int | None] = {"off": 0, "3": 3, "7": 7, "measured": None}
CONTEXTS = (1, 2)
ADAPTERS, REQUESTS, LENGTH = 8, 16, 64
COPY = "Repeat exactly: red green blue, one two three, sun moon star.\n" * 4
FRESH = "Write down everything that you know about the rivers of Europe."


async def traffic(peer: peers.Ours, turn: int) -> dict[str, float]:
    sampling = Sampling(temperature=0.0, max_tokens=LENGTH)
    requests = [
        Request(str(n), f"Story {turn}.{n}: The boat", f"a{n % ADAPTERS}", sampling)
        for n in range(REQUESTS)
    ]
    child = psutil.Process(peer.engine.pid)
    began, worked = time.perf_counter(), _worked(child)
    firsts: dict[str, float] = {}
    latest: dict[str, float] = {}
    silences, tokens = [0.0], 0
    async for delta in peer.engine.generate(requests):
        now = time.perf_counter() - began
        if delta.request_id in latest:
            silences.append(now - latest[delta.request_id])
        firsts.setdefault(delta.request_id, now)
        latest[delta.request_id] = now
        tokens += delta.tokens
    ordered = sorted(firsts.values())
    return {
        "tok_s": tokens / max(latest.values()),
        "p95_first_ms": 1000 * ordered[round(0.95 * (len(ordered) - 1))],
        "longest_silence_ms": 1000 * max(silences),
        "cpu_ms_token": 1000 * (_worked(child) - worked) / tokens,
    }


def _worked(child: psutil.Process) -> float:
    """Seconds of processor time so far."""
    times = child.cpu_times()
    return float(times.user + times.system)


async def stream(peer: peers.Ours, text: str, turn: int) -> dict[str, float]:
    """Tokens a second of one request, and the processor time of a token."""
    child = psutil.Process(peer.engine.pid)
    worked = _worked(child)
    sampling = Sampling(temperature=0.0, max_tokens=128)
    began, tokens = time.perf_counter(), 0
    async for delta in peer.engine.generate([Request("r", f"{turn}. {text}", None, sampling)]):
        tokens += delta.tokens
    return {
        "tok_s": tokens / (time.perf_counter() - began),
        "cpu_ms_token": 1000 * (_worked(child) - worked) / tokens,
    }


Rows = dict[str, dict[str, list[float]]]


def rows() -> Rows:
    return defaultdict(lambda: defaultdict(list))


class Bench:
    """The default model with eight adapters, opened in several ways that take turns."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self._folder, self._rounds = folder, rounds
        self._gguf = Store(settings.load()).get("smollm2-135m").gguf
        made = [random_adapter(folder / f"a{n}", self._gguf, n) for n in range(ADAPTERS)]
        self._refs = made

    def slices(self) -> Rows:
        """One context and one adapter's turn after another's, so that turns are what differs."""
        ways = {
            str(steps): {"slice_steps": steps, "draft": 0, "contexts": 1, "cells": 4096}
            for steps in SLICES
        }
        return self._traffic(ways)

    def contexts(self) -> Rows:
        return self._traffic({str(number): {"contexts": number} for number in CONTEXTS})

    def _traffic(self, ways: dict[str, dict[str, Any]]) -> Rows:
        found = rows()
        with ExitStack() as stack:
            peers_ = {
                title: stack.enter_context(
                    peers.open_ours(self._gguf, self._refs, self._folder, **how)
                )
                for title, how in ways.items()
            }
            for turn in range(self._rounds):
                for title, peer in peers_.items():
                    for what, value in peer.wait(traffic(peer, turn)).items():
                        found[title][what].append(round(value, 2))
        return found

    def drafts(self) -> Rows:
        found = rows()
        with ExitStack() as stack:
            drafted = {
                title: stack.enter_context(
                    peers.open_ours(self._gguf, [], self._folder, draft=draft, cells=4096)
                )
                for title, draft in DRAFTS.items()
            }
            for turn in range(self._rounds):
                for title, peer in drafted.items():
                    for kind, text in (("repeating", COPY), ("fresh", FRESH)):
                        for what, value in peer.wait(stream(peer, text, turn)).items():
                            found[title][f"{kind}_{what}"].append(round(value, 2))
        return found


PARTS = ("slices", "drafts", "contexts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    written = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for part in asked.only:
        load = round(os.getloadavg()[0], 2)
        with tempfile.TemporaryDirectory() as name:
            table = getattr(Bench(Path(name), asked.rounds), part)()
        for row, values in table.items():
            shown = (f"{what} {statistics.median(v):8.1f}" for what, v in values.items())
            print(f"{part:8}{row:>10}", *shown, sep="  ", flush=True)
        written[part] = {"threads": peers.THREADS, "load_before": load, "rows": table}
        RESULTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
