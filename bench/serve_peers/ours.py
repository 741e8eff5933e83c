"""Lemmata's embedded engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lemmata.engines.base import Request, Sampling
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.types import AdapterRef
from serve_peers.record import CELLS, THREADS, Job, Record


class Ours:
    name = "lemmata"

    def __init__(self, engine: LlamaEngine, refs: Sequence[AdapterRef]) -> None:
        self.engine, self._refs = engine, refs
        self._loop = asyncio.new_event_loop()
        for ref in refs:
            self.wait(engine.load_adapter(ref))

    @classmethod
    def of(cls, other: Ours, refs: Sequence[AdapterRef]) -> Ours:
        """The same engine, with other adapters behind the indices, loaded already."""
        peer = cls.__new__(cls)
        peer.engine, peer._refs, peer._loop = other.engine, refs, other._loop
        return peer

    @property
    def pid(self) -> int:
        return self.engine.pid

    def wait(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def run(self, jobs: Sequence[Job]) -> list[Record]:
        return self.wait(self._run(jobs))

    async def _run(self, jobs: Sequence[Job]) -> list[Record]:
        records = [Record() for _ in jobs]
        requests = [
            Request(
                str(number),
                tuple(prompt),
                None if adapter is None else self._refs[adapter].name,
                Sampling(temperature=0.0, max_tokens=length),
            )
            for number, (prompt, adapter, length) in enumerate(jobs)
        ]
        started = time.perf_counter()
        async for delta in self.engine.generate(requests):
            if delta.tokens:
                records[int(delta.request_id)].note(started, delta.tokens)
        return records


@contextmanager
def open_ours(
    gguf: Path, refs: Sequence[AdapterRef], cache: Path, **options: Any
) -> Iterator[Ours]:
    settings = Options(**{"threads": THREADS, "cells": CELLS, **options})
    peer = Ours(LlamaEngine(gguf, "bench", "", cache, settings), refs)
    yield peer
    peer.wait(peer.engine.close())
