"""How bench/train.py speaks with a peer in its own process: a word a line in, a JSON line out.

`step` runs one optimiser step and answers its seconds and tokens; `loss` answers the held-out loss;
`end` answers the peak memory. A peer that waits sleeps, so the others have the machine.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RATE, RANK, ALPHA, DROPOUT, MODULES, SEED = 1e-3, 8, 16, 0.05, ["q_proj", "v_proj"], 0
"""The same for all: the field's values of LoRA, AdamW at a constant rate."""


@dataclass(frozen=True)
class Task:
    """What bench/train.py hands over: the base, the rows of every step, the held-out rows. A row is
    {"ids": […], "start": first learnt index}."""

    base: Path
    rows: list[dict[str, Any]]
    held_out: list[dict[str, Any]]
    rows_per_step: int
    steps: int
    threads: int

    def chunks(self) -> Iterator[list[dict[str, Any]]]:
        for start in range(0, len(self.rows), self.rows_per_step):
            yield self.rows[start : start + self.rows_per_step]


EMPTY = 0.0
"""Of the process with its libraries but without a model, MiB."""


def task() -> Task:
    global EMPTY
    EMPTY = peak_mib()
    told = json.loads(Path(sys.argv[1]).read_text())
    import torch

    torch.set_num_threads(told["threads"])
    return Task(Path(told["base"]), told["rows"], told["held_out"], told["rows_per_step"],
                told["steps"], told["threads"])  # fmt: skip


class Clock:
    """Seconds by the wall and of the processor, all threads together."""

    def __init__(self) -> None:
        self._wall, self._work = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"seconds": time.perf_counter() - self._wall,
                "cpu_s": time.process_time() - self._work}  # fmt: skip


def answer(**fields: Any) -> None:
    print("@" + json.dumps(fields), file=_OUT, flush=True)


def asked() -> str:
    return sys.stdin.readline().strip()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_peak() -> None:
    """From here on the peak is that of the steps; Linux counts anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_since_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this is not Linux")


def serve(step: Callable[[], dict[str, Any]], loss: Callable[[], float]) -> None:
    """Answers until `end`. Peaks: of everything, of the steps alone, of the libraries alone."""
    loaded = peak_mib()
    forget_peak()
    answer(ready=True)
    while (word := asked()) == "step" or word == "loss":
        if word == "step":
            answer(**step())
        else:
            answer(loss=loss())
    answer(peak_mib=max(loaded, peak_since_mib()), steps_mib=peak_since_mib(), empty_mib=EMPTY)


# Libraries print what they like; answers have the real stdout to themselves.
_OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
