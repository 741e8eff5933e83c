"""What one decode call costs, and what that allows: `python bench/calls.py [--precisions q8_0 …]`.

One thread, seconds of the processor (so that other load on the machine hardly counts), the median
of interleaved calls: requests that write, one token each; pieces of prompts; with an adapter and
without; and a call after a change of adapters. From these follow the limits of bench/serve.py's
traffic: how many tokens a second one core can write for groups of one, two or sixteen requests,
and for 16 requests over 8 adapters with their prompts. Beside it stands what memory allows (each
call reads all weights once, at the speed of a copy). Written to results/calls.json, each precision
when it is done.
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
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import llama_cpp.llama_cpp as lib
import numpy as np

from adapters import random_adapter
from lemmata import settings
from lemmata.adapters import gguf_lora
from lemmata.engines.llama.library import Adapter, Context, Model, start
from lemmata.engines.llama.options import Options
from lemmata.models.store import Store

RESULTS = Path(__file__).parent / "results" / "calls.json"
KINDS = {
    "q8_0": lib.LLAMA_FTYPE_MOSTLY_Q8_0,
    "q4_0": lib.LLAMA_FTYPE_MOSTLY_Q4_0,
    "q4_1": lib.LLAMA_FTYPE_MOSTLY_Q4_1,
    "bf16": lib.LLAMA_FTYPE_MOSTLY_BF16,
    "f16": lib.LLAMA_FTYPE_MOSTLY_F16,
}
WRITING = (1, 2, 3, 4, 8, 16)
READING = (40, 80, 512)
BEGUN = 10
"""Tokens that each writing request holds already."""
REQUESTS, PROMPT, ANSWER = 16, 40, 64
"""The traffic of bench/serve.py."""

Costs = dict[str, list[float]]


def timed(context: Context, rows: list[tuple[int, int, int, bool]]) -> float:
    """Milliseconds of this thread."""
    began = time.thread_time()
    context.decode(rows)
    return 1000 * (time.thread_time() - began)


def writing(context: Context, rows: int) -> float:
    cost = timed(context, [(70 + n, BEGUN, n, True) for n in range(rows)])
    for n in range(rows):
        context.trim(n, BEGUN)
    return cost


def reading(context: Context, tokens: int) -> float:
    cost = timed(context, [(70 + n, n, REQUESTS, n == tokens - 1) for n in range(tokens)])
    context.trim(REQUESTS, 0)
    return cost


def one_round(context: Context, adapters: list[Adapter], costs: Costs) -> None:
    for name, adapter in (("base", None), ("adapter", adapters[0])):
        context.use(adapter, 1.0)
        for rows in WRITING:
            writing(context, rows)  # the graph is planned
            costs[f"{name}: {rows} write"] += [writing(context, rows) for _ in range(3)]
        for tokens in READING:
            costs[f"{name}: prompt of {tokens}"].append(reading(context, tokens))
    for turn in range(4):
        context.use(adapters[turn % 2], 1.0)
        costs["after a change: 1 write"].append(writing(context, 1))


def measure(gguf: Path, adapters: list[Path], rounds: int) -> dict[str, float]:
    options = Options(threads=1, cells=2048, sequences=32)
    model = Model(gguf, options)
    context = Context(model, options)
    loaded = [Adapter(model, path) for path in adapters]
    for n in range(REQUESTS):
        context.decode([(60 + n, at, n, at == BEGUN - 1) for at in range(BEGUN)])
    costs: Costs = defaultdict(list)
    for _ in range(rounds):
        one_round(context, loaded, costs)
    context.close()
    for adapter in loaded:
        adapter.close()
    model.close()
    return {what: round(statistics.median(values), 2) for what, values in costs.items()}


def limits(ms: dict[str, float], weights: int, bandwidth: float) -> dict[str, float]:
    """Tokens a second of one core; `memory`: if a call took as long as reading the weights."""
    read = 1000 * weights / bandwidth
    cheapest = {rows: min(ms[f"adapter: {rows} write"], rows * ms["adapter: 1 write"])
                for rows in (1, 2, 16)}  # fmt: skip
    prompts = REQUESTS * ms["adapter: prompt of 80"] / 2
    written = REQUESTS * ANSWER
    return {
        **{f"groups of {rows}": round(1000 * rows / cost, 1) for rows, cost in cheapest.items()},
        **{f"memory, groups of {rows}": round(1000 * rows / read, 1) for rows in (1, 2, 16)},
        "16 requests over 8 adapters": round(
            1000 * written / (prompts + written * cheapest[2] / 2), 1
        ),
    }


def bandwidth() -> float:
    """Bytes a second that one thread reads and writes in a large copy, the best of several."""
    source = np.ones(64 << 20, np.uint8)
    target, best = np.empty_like(source), 0.0
    for _ in range(8):
        began = time.thread_time()
        np.copyto(target, source)
        best = max(best, 2 * source.nbytes / (time.thread_time() - began))
    return best


def quantised(source: Path, target: Path, kind: int) -> Path:
    """The same weights in another precision."""
    how = lib.llama_model_quantize_default_params()
    how.ftype, how.allow_requantize, how.nthread = kind, True, 1
    if lib.llama_model_quantize(str(source).encode(), str(target).encode(), how):
        raise SystemExit(f"libllama cannot write {target.name}")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precisions", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=4)
    asked = parser.parse_args()
    start()
    stored, speed = Store(settings.load()).get("smollm2-135m"), bandwidth()
    former = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    found: dict[str, Any] = former.get("precisions", {})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        refs = [random_adapter(folder / f"a{n}", stored.gguf, n) for n in range(2)]
        loras = [gguf_lora.convert(ref, stored.gguf, folder) for ref in refs]
        for precision in asked.precisions:
            same = precision == "q8_0"
            gguf = stored.gguf if same else folder / f"{precision}.gguf"
            if not same:
                quantised(stored.gguf, gguf, KINDS[precision])
            ms, size = measure(gguf, loras, asked.rounds), gguf.stat().st_size
            found[precision] = {
                "weights_mb": round(size / 1e6, 1),
                "milliseconds": ms,
                "tokens_a_second_of_a_core": limits(ms, size, speed),
            }
            document = {"bandwidth_gb_s": round(speed / 1e9, 1), "precisions": found}
            RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
            print(precision, json.dumps(found[precision], indent=1), file=sys.stderr)
            if not same:
                gguf.unlink()


if __name__ == "__main__":
    main()
