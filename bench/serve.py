"""Our engine beside the bare library and llama-server, on the same GGUF with the same threads.

    python bench/serve.py [--rounds 3] [--peer-python PATH] [--only NAME …]

`--peer-python` names a Python that has xllamacpp (llama-server in a process); without it there is
no such column. The engines take turns within a round, and the median of the rounds is printed, so
that what else the machine does falls on all of them. Written to results/serve.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as our engine sets it for itself

import serve_peers as peers
from serve_peers import Job, Record

from lemmata import settings
from lemmata.adapters import gguf_lora
from lemmata.models.store import Store

RESULTS = Path(__file__).parent / "results" / "serve.json"
ADAPTERS = 8
Peer = Any


def words(peer: peers.Ours, text: str, length: int) -> list[int]:
    """A prompt of exactly `length` tokens that begins with `text`."""
    filler = " The boat went down the river and everyone on board was singing."
    return peer.engine.tokenize(text + filler * (length // 8))[:length]


def total_rate(records: list[Record]) -> float:
    """Tokens a second of all together."""
    return sum(r.tokens for r in records) / max(r.end_s for r in records)


def p95_first(records: list[Record]) -> float:
    """Milliseconds to the first token, the 95th percentile."""
    firsts = sorted(r.first_s for r in records)
    return 1000 * firsts[min(len(firsts) - 1, round(0.95 * len(firsts)))]


def last_end(records: list[Record]) -> float:
    return max(r.end_s for r in records)


Scenario = tuple[Callable[[int], list[Job]], dict[str, Callable[[list[Record]], float]]]


def scenarios(ours: peers.Ours) -> dict[str, Scenario]:
    """What is asked (of round `turn`: never the same prompt twice) and what is read off."""

    def prompt(turn: int, number: int, length: int = 40) -> list[int]:
        return words(ours, f"Story {turn}.{number}:", length)

    return {
        "single stream": (
            lambda turn: [(prompt(turn, 0), None, 128)],
            {"tok/s": total_rate},
        ),
        "16 requests, 1 adapter": (
            lambda turn: [(prompt(turn, n), 0, 64) for n in range(16)],
            {"tok/s": total_rate, "p95 first ms": p95_first},
        ),
        "16 requests, 8 adapters": (
            lambda turn: [(prompt(turn, n), n % ADAPTERS, 64) for n in range(16)],
            {"tok/s": total_rate, "p95 first ms": p95_first},
        ),
        "8 samples of a 500-token prompt": (
            lambda turn: [(prompt(turn, 99, 500), None, 64)] * 8,
            {"seconds": last_end},
        ),
    }


def measure(rounds: int, only: list[str], peer_python: Path | None) -> dict[str, Any]:
    stored = Store(settings.load()).get("smollm2-135m")
    table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        refs = [peers.random_adapter(folder / f"a{n}", stored.gguf, n) for n in range(ADAPTERS)]
        loras = [gguf_lora.convert(ref, stored.gguf, folder) for ref in refs]
        ours = stack.enter_context(peers.open_ours(stored.gguf, refs, folder))
        sides: list[Peer] = [ours, stack.enter_context(peers.open_raw(stored.gguf, loras))]
        if peer_python:
            server = peers.open_llama_server(stored.gguf, loras, peer_python)
            sides.append(stack.enter_context(server))
        asked = scenarios(ours)
        for turn in range(rounds):
            for title in only or asked:
                make, readings = asked[title]
                for side in sides[turn % len(sides) :] + sides[: turn % len(sides)]:
                    records = side.run(make(turn))
                    for what, read in readings.items():
                        table[f"{title}: {what}"][side.name].append(read(records))
        if not only:
            hot(ours, stored.gguf, folder, rounds, table["adapter to first token: ms"])
            cached(ours, rounds, table)
    return {title: dict(row) for title, row in table.items()}


def hot(
    ours: peers.Ours, gguf: Path, folder: Path, rounds: int, row: dict[str, list[float]]
) -> None:
    """From a folder never seen to the first token of its first request."""
    for turn in range(rounds):
        ref = peers.random_adapter(folder / f"hot{turn}", gguf, 100 + turn)
        started = time.perf_counter()
        ours.wait(ours.engine.load_adapter(ref))
        side = peers.Ours.__new__(peers.Ours)
        side.__dict__ |= ours.__dict__ | {"_refs": [ref]}
        side.run([(words(ours, "Hi", 8), 0, 1)])
        row[ours.name].append(1000 * (time.perf_counter() - started))


def cached(ours: peers.Ours, rounds: int, table: dict[str, dict[str, list[float]]]) -> None:
    """A role prompt of 2,000 tokens: the first request pays for it, the next do not."""
    for turn in range(rounds):
        role = words(ours, f"Role {turn}:", 2000)
        for name in ("cold", "cached"):
            ask = ours.engine.tokenize(f" And {name}?")
            (record,) = ours.run([(role + ask, None, 1)])
            table["2,000-token role, first token: ms"][name].append(1000 * record.first_s)


def show(table: dict[str, dict[str, list[float]]]) -> None:
    for title, row in table.items():
        medians = {name: statistics.median(values) for name, values in row.items()}
        print(f"{title:42}", *(f"{name} {value:8.1f}" for name, value in medians.items()), sep="  ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    table = measure(asked.rounds, asked.only, asked.peer_python)
    show(table)
    if not asked.only:
        about = {"machine": platform.processor() or platform.machine(), "threads": peers.THREADS}
        text = json.dumps(about | {"rounds": asked.rounds, "results": table}, indent=1)
        RESULTS.write_text(text + "\n")


if __name__ == "__main__":
    main()
