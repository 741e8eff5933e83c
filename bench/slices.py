"""How long an adapter's turn should be: `python bench/slices.py [--rounds 3]`.

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


def measure(rounds: int) -> dict[str, Any]:
    stored = Store(settings.load()).get("smollm2-135m")
    slices: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    drafts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        refs = [random_adapter(folder / f"a{n}", stored.gguf, n) for n in range(ADAPTERS)]
        sliced = {
            steps: stack.enter_context(
                peers.open_ours(stored.gguf, refs, folder, slice_steps=steps, draft=0, cells=4096)
            )
            for steps in SLICES
        }
        drafted = {
            title: stack.enter_context(
                peers.open_ours(stored.gguf, [], folder, draft=draft, cells=4096)
            )
            for title, draft in DRAFTS.items()
        }
        for turn in range(rounds):
            for title, peer in drafted.items():
                for kind, text in (("repeating", COPY), ("fresh", FRESH)):
                    for what, value in peer.wait(stream(peer, text, turn)).items():
                        drafts[title][f"{kind}_{what}"].append(round(value, 2))
            for steps, peer in sliced.items():
                for what, value in peer.wait(traffic(peer, turn)).items():
                    slices[str(steps)][what].append(round(value, 2))
    return {"slices": slices, "drafts": drafts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    load = round(os.getloadavg()[0], 2)
    found = measure(asked.rounds)
    for title, table in found.items():
        for row, values in table.items():
            shown = (f"{what} {statistics.median(v):8.1f}" for what, v in values.items())
            print(f"{title:8}{row:>10}", *shown, sep="  ")
    about = {"threads": peers.THREADS, "load_before": load, "rounds": asked.rounds}
    RESULTS.write_text(json.dumps(about | found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
