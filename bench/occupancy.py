"""What cells in use by idle requests cost each decode call: why finished ones leave none.

    python bench/occupancy.py

One thread, seconds of the processor (so that other load on the machine does not count), the median
of several calls of each kind, with 0 to 8,192 cells of the cache in use by sequences that do not
take part. And what it takes to copy a sequence out and back. Written to results/occupancy.json.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from lemmata import settings
from lemmata.engines.llama.departures import fresh
from lemmata.engines.llama.library import Context, Model, start
from lemmata.engines.llama.options import Options
from lemmata.models.store import Store

RESULTS = Path(__file__).parent / "results" / "occupancy.json"
OCCUPIED = (0, 1024, 2048, 4096, 8192)
PIECE, REPEATS = 512, 7
FIRST_IDLE = 40
"""The sequence that fills the first cells; those below take part."""


def seconds(work: Callable[[], object], after: Callable[[], object]) -> float:
    """The median of the processor's time for `work`, undone by `after` each time."""
    taken = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
        after()
    return statistics.median(taken)


def decoding(context: Context, rows: int) -> float:
    """One token of each of `rows` requests that hold ten."""
    for sequence in range(rows):
        context.decode([(60 + sequence, at, sequence, at == 9) for at in range(10)])
    took = seconds(
        lambda: context.decode([(70 + n, 10, n, True) for n in range(rows)]),
        lambda: [context.trim(n, 10) for n in range(rows)],
    )
    for sequence in range(rows):
        context.trim(sequence, 0)
    return took


def reading(context: Context, tokens: int) -> float:
    """A prompt of so many tokens."""
    rows = [(70 + n, n, 0, n == tokens - 1) for n in range(tokens)]
    return seconds(lambda: context.decode(rows), lambda: context.trim(0, 0))


def fill(context: Context, sequence: int) -> None:
    context.decode([(60 + n % 400, n, sequence, False) for n in range(PIECE)])


def copying(context: Context) -> dict[str, float]:
    """Milliseconds to get the memory for the tokens of one sequence, to take them out, and to put
    them back."""
    room = fresh(context.state_size(FIRST_IDLE))
    state = context.save(FIRST_IDLE, room)
    out = seconds(lambda: context.save(FIRST_IDLE, room), lambda: None)
    back = seconds(lambda: context.restore(0, state), lambda: context.trim(0, 0))
    return {
        "tokens": PIECE,
        "megabytes": round(len(state) / 1e6, 2),
        "memory_ms": round(1000 * seconds(lambda: fresh(len(state)), lambda: None), 2),
        "out_ms": round(1000 * out, 2),
        "back_ms": round(1000 * back, 2),
    }


def main() -> None:
    start()
    options = Options(threads=1)
    model = Model(Store(settings.load()).get("smollm2-135m").gguf, options)
    context = Context(model, options)
    table: dict[str, dict[int, float]] = {}
    filled = 0
    for occupied in OCCUPIED:
        while filled < occupied:
            fill(context, FIRST_IDLE + filled // PIECE)
            filled += PIECE
        for name, took in (
            ("1 request writes", decoding(context, 1)),
            ("16 requests write", decoding(context, 16)),
            ("prompt of 256 tokens", reading(context, 256)),
        ):
            table.setdefault(name, {})[occupied] = round(1000 * took, 2)
    ratios = {name: round(row[OCCUPIED[-1]] / row[0], 2) for name, row in table.items()}
    found = {"milliseconds": table, "dearest_over_none": ratios, "copy": copying(context)}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
