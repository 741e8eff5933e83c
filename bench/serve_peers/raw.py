"""The bare library."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lemmata.engines.llama.options import Options
from serve_peers.record import CELLS, THREADS, Job, Record


class Raw:
    """The loop that llama-bench and every tutorial has: one batch of all, argmax, again. It knows
    one adapter at a time, so jobs of several are grouped by `group`."""

    name, pid = "raw loop", os.getpid()

    def __init__(self, gguf: Path, loras: Sequence[Path]) -> None:
        from lemmata.engines.llama.library import Adapter, Context, Model, start

        start()
        options = Options(threads=THREADS, cells=CELLS)
        self._model = Model(gguf, options)
        self._context = Context(self._model, options)
        self._adapters = [Adapter(self._model, path) for path in loras]

    def run(self, jobs: Sequence[Job]) -> list[Record]:
        records = [Record() for _ in jobs]
        started = time.perf_counter()
        for adapter in dict.fromkeys(adapter for _, adapter, _ in jobs):
            chosen = None if adapter is None else self._adapters[adapter]
            self._context.use(chosen, 1.0)
            group = [(n, job) for n, job in enumerate(jobs) if job[1] == adapter]
            self._group(group, records, started)
        return records

    def _group(self, group: list[tuple[int, Job]], records: list[Record], started: float) -> None:
        ends, last = self._model.vocabulary.ends, {}
        for number, (prompt, _, _) in group:
            rows = [(t, i, number, i == len(prompt) - 1) for i, t in enumerate(prompt)]
            for at in range(0, len(rows), 512):
                self._context.decode(rows[at : at + 512])
            last[number] = int(self._context.logits((len(rows) - 1) % 512).argmax())
            records[number].note(started)
        lengths = {number: job[2] for number, job in group}
        positions = {number: len(job[0]) for number, job in group}
        while last:
            order = list(last)
            self._context.decode([(last[n], positions[n], n, True) for n in order])
            for row, number in enumerate(order):
                token = int(self._context.logits(row).argmax())
                records[number].note(started)
                positions[number] += 1
                last[number] = token
                if token in ends or records[number].tokens >= lengths[number]:
                    del last[number]
                    self._context.trim(number, 0)

    def close(self) -> None:
        for adapter in self._adapters:
            adapter.close()
        self._context.close()
        self._model.close()


@contextmanager
def open_raw(gguf: Path, loras: Sequence[Path]) -> Iterator[Raw]:
    peer = Raw(gguf, loras)
    yield peer
    peer.close()
