"""Our engine beside the bare library, llama-server and transformers + PEFT: one command,

    python bench/serve.py --peer-python PATH [--rounds 5] [--gguf FILE] [--spin] [--only NAME …]

with `--peer-python` a Python that has `xllamacpp` (llama-server in a process; `python -m venv
peers && peers/bin/pip install xllamacpp`); without it there is no such column. transformers and
PEFT come with `lemmata[train]`. Same GGUF, same two threads, all greedy. The engines take turns
within a round, and what counts is the median of each round's ratio, so that other load on the
machine falls on all of them; the processor's time for a token is told too, which other load hardly
changes. All wait for their threads in the same way: asleep, or with `--spin` spinning for some
milliseconds first, which is faster on a quiet machine. `--gguf`: other weights than the default
model's Q8_0. Takes about three minutes a round; written to results/serve.json, serve_FILE.json,
serve_spinning.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

if "--spin" in sys.argv:
    os.environ["GOMP_SPINCOUNT"] = "300000"
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as our engine sets it for its own process

import numpy as np
import psutil
import serve_peers as peers
from serve_peers import Job, Record

from adapters import random_adapter
from lemmata import settings
from lemmata.adapters import canonical, gguf_lora
from lemmata.models.progress import shown
from lemmata.models.store import Store

RESULTS = Path(__file__).parent / "results"
ADAPTERS = 8
OURS, RAW, SERVER, TORCH = "lemmata", "raw loop", "llama-server", "transformers+PEFT"
TURNS = f"{TORCH} in turns"
Peer = Any
Table = dict[str, dict[str, list[float]]]


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


def worked(side: Peer) -> float:
    """Seconds of the processor that the peer's process has used."""
    times = psutil.Process(side.pid).cpu_times()
    return float(times.user + times.system)


def last_end(records: list[Record]) -> float:
    return max(r.end_s for r in records)


Scenario = tuple[Callable[[int], list[Job]], dict[str, Callable[[list[Record]], float]], set[str]]


def scenarios(ours: peers.Ours) -> dict[str, Scenario]:
    """What is asked (of round `turn`: never the same prompt twice), what is read off, and who is
    left out."""

    def prompt(turn: int, number: int, length: int = 40) -> list[int]:
        return words(ours, f"Story {turn}.{number}:", length)

    both: dict[str, Callable[[list[Record]], float]] = {
        "tok/s": total_rate,
        "p95 first ms": p95_first,
    }
    return {
        "single stream": (
            lambda turn: [(prompt(turn, 0), None, 128)],
            {"tok/s": total_rate},
            {TORCH, TURNS},
        ),
        "16 requests, 1 adapter": (
            lambda turn: [(prompt(turn, n), 0, 64) for n in range(16)],
            both,
            {TORCH, TURNS},
        ),
        "16 requests, 8 adapters": (
            lambda turn: [(prompt(turn, n), n % ADAPTERS, 64) for n in range(16)],
            both,
            set(),
        ),
        "8 samples of a 500-token prompt": (
            lambda turn: [(prompt(turn, 99, 500), None, 64)] * 8,
            {"seconds": last_end},
            {TORCH, TURNS, RAW},
        ),
    }


GOALS: list[tuple[str, str, str, float, bool]] = [
    ("single stream: tok/s", OURS, RAW, 0.95, True),
    ("16 requests, 1 adapter: tok/s", OURS, SERVER, 1.0, True),
    ("16 requests, 8 adapters: tok/s", OURS, RAW, 1.0, True),
    ("16 requests, 8 adapters: tok/s", OURS, TORCH, 5.0, True),
    ("16 requests, 8 adapters: tok/s", OURS, TURNS, 5.0, True),
    ("16 requests, 8 adapters: p95 first ms", OURS, SERVER, 0.25, False),
    ("8 samples of a 500-token prompt: seconds", OURS, SERVER, 0.5, False),
    ("2,000-token role, first token: ms", "cached", "cold", 0.05, False),
    ("adapter to first token: ms", OURS, "", 150.0, False),
]
"""Row, whose value, divided by whose (of the same round), bound, and whether at least or most."""


def measure(
    rounds: int, only: list[str], peer_python: Path | None, weights: Path | None, table: Table
) -> int:
    """Fills `table` as it goes, so that Ctrl-C leaves what was measured. Gives the bytes of the
    weights, which one decode call must read."""
    store = Store(settings.load())
    stored = store.get("smollm2-135m")
    with shown() as progress:
        hf_dir = store.hf_dir(stored, progress)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, gguf = Path(name), weights or stored.gguf
        refs = [random_adapter(folder / f"a{n}", gguf, n) for n in range(ADAPTERS)]
        loras = [gguf_lora.convert(ref, gguf, folder) for ref in refs]
        ours = stack.enter_context(peers.open_ours(gguf, refs, folder))
        sides: list[Peer] = [ours, stack.enter_context(peers.open_raw(gguf, loras))]
        if peer_python:
            server = peers.open_llama_server(gguf, loras, peer_python)
            sides.append(stack.enter_context(server))
        sides += stack.enter_context(peers.open_torch(hf_dir, refs))
        if not only:
            hot(ours, gguf, folder, rounds, table)
            cached(ours, rounds, table)
        compare(ours, sides, rounds, only, table)
        if not only and peer_python:
            restarted(gguf, loras, peer_python, ours, table)
        return gguf.stat().st_size


def compare(
    ours: peers.Ours, sides: list[Peer], rounds: int, only: list[str], table: Table
) -> None:
    asked = scenarios(ours)
    for turn in range(rounds):
        for title in only or asked:
            make, readings, without = asked[title]
            for side in sides[turn % len(sides) :] + sides[: turn % len(sides)]:
                if side.name in without:
                    continue
                began = worked(side)
                records = side.run(make(turn))
                values = {what: read(records) for what, read in readings.items()}
                tokens = sum(record.tokens for record in records)
                values["processor ms a token"] = 1000 * (worked(side) - began) / tokens
                for what, value in values.items():
                    table[f"{title}: {what}"][side.name].append(round(value, 3))
                    print(f"{title}: {what}: {side.name} {value:.3f}", file=sys.stderr)
        print(f"round {turn + 1} of {rounds}", file=sys.stderr)


def hot(ours: peers.Ours, gguf: Path, folder: Path, rounds: int, table: Table) -> None:
    """From an uploaded folder never seen to the first token of its first request, in parts."""
    row = table["adapter to first token: ms"]
    for turn in range(rounds):
        made = random_adapter(folder / f"hot{turn}", gguf, 100 + turn)
        marks = [time.perf_counter()]
        ref = canonical.open(made.path)
        marks.append(time.perf_counter())
        ours.wait(ours.engine.load_adapter(ref))
        marks.append(time.perf_counter())
        peers.Ours.of(ours, [ref]).run([(words(ours, "Hi", 8), 0, 1)])
        marks.append(time.perf_counter())
        row[OURS].append(round(1000 * (marks[-1] - marks[0]), 2))
        for part, begin, end in zip(
            ("check", "load", "first token"), marks[:-1], marks[1:], strict=True
        ):
            row[part].append(round(1000 * (end - begin), 2))


def restarted(gguf: Path, loras: list[Path], python: Path, ours: peers.Ours, table: Table) -> None:
    """What a new adapter costs where they load only at start."""
    started = time.perf_counter()
    with peers.open_llama_server(gguf, loras, python) as server:
        server.run([(words(ours, "Hi", 8), 0, 1)])
    row = table["adapter to first token: ms"]
    row["llama-server restarted"].append(round(1000 * (time.perf_counter() - started), 1))


def cached(ours: peers.Ours, rounds: int, table: Table) -> None:
    """A role prompt of 2,000 tokens: the first request pays for it, the next do not."""
    for turn in range(rounds):
        role = words(ours, f"Role {turn}:", 2000)
        for name in ("cold", "cached"):
            ask = ours.engine.tokenize(f" And {name}?")
            (record,) = ours.run([(role + ask, None, 1)])
            row = table["2,000-token role, first token: ms"]
            row[name].append(round(1000 * record.first_s, 2))


def judged(table: Table) -> list[dict[str, Any]]:
    """Each goal with the median over the rounds of what it asks for."""
    found = []
    for title, whose, beside, bound, at_least in GOALS:
        row = table.get(title, {})
        if whose not in row or (beside and beside not in row):
            continue
        values = row[whose]
        if beside:
            pairs = zip(values, row[beside], strict=False)  # a round may have been cut off
            values = [value / other for value, other in pairs]
        value = statistics.median(values)
        met = value >= bound if at_least else value <= bound
        asked = f"{'≥' if at_least else '≤'} {bound:g}"
        name = f"{title.split(': ')[0]} ({title.split(': ')[1]})" + f", {whose} / {beside}" * (
            beside != ""
        )
        found.append({"what": name, "value": round(value, 3), "goal": asked, "met": met})
    return found


def bandwidth() -> float:
    """Bytes a second that one thread reads and writes in a large copy, the best of several."""
    source = np.ones(64 << 20, np.uint8)
    target, best = np.empty_like(source), 0.0
    for _ in range(8):
        began = time.perf_counter()
        np.copyto(target, source)
        best = max(best, 2 * source.nbytes / (time.perf_counter() - began))
    return best


def show(table: Table, goals: list[dict[str, Any]]) -> None:
    for title, row in table.items():
        medians = {name: statistics.median(values) for name, values in row.items()}
        print(f"{title:42}", *(f"{name} {value:8.1f}" for name, value in medians.items()), sep="  ")
    for goal in goals:
        print(f"{goal['what']:75} {goal['value']:8.3f}  {goal['goal']:7} {goal['met']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--gguf", type=Path, help="of the default model, in another precision")
    parser.add_argument("--spin", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    load = [round(os.getloadavg()[0], 2)]
    speed = bandwidth()
    table: Table = defaultdict(lambda: defaultdict(list))
    weights = 0
    with suppress(KeyboardInterrupt):
        weights = measure(asked.rounds, asked.only, asked.peer_python, asked.gguf, table)
    load.append(round(os.getloadavg()[0], 2))
    goals = judged(table)
    show(table, goals)
    if weights and not asked.only:
        about = {
            "cores": psutil.cpu_count(logical=False),
            "threads": peers.THREADS,
            "load_before_and_after": load,
            "waiting": "spinning" if asked.spin else os.environ["OMP_WAIT_POLICY"],
            "bandwidth_gb_s": round(speed / 1e9, 1),
            "weights": asked.gguf.stem if asked.gguf else "q8_0",
            "weights_mb": round(weights / 1e6, 1),
            "limit_single_stream_tok_s": round(speed / weights, 1),
            "rounds": asked.rounds,
        }
        text = json.dumps(about | {"goals": goals, "results": table}, indent=1, ensure_ascii=False)
        stem = "serve" + (f"_{asked.gguf.stem}" if asked.gguf else "") + "_spinning" * asked.spin
        (RESULTS / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
