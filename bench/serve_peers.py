"""The engines that bench/serve.py sets side by side: ours, the bare library, llama-server.

Each is opened with `open_…`, and answers `run(jobs)` with one Record a job. A job is (prompt
tokens, adapter index or None, tokens to write); all jobs of a call start at once. All greedy.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from lemmata.engines.base import GREEDY, Request
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.types import AdapterRef

Job = tuple[list[int], int | None, int]
THREADS = 2
CELLS = 16_384


@dataclass
class Record:
    """Seconds from the start of the run to the first token and to the end; tokens written."""

    first_s: float = 0.0
    end_s: float = 0.0
    tokens: int = 0

    def note(self, started: float, tokens: int = 1) -> None:
        self.end_s = time.perf_counter() - started
        self.first_s = self.first_s or self.end_s
        self.tokens += tokens


class Ours:
    name = "lemmata"

    def __init__(self, engine: LlamaEngine, refs: Sequence[AdapterRef]) -> None:
        self.engine, self._refs = engine, refs
        self._loop = asyncio.new_event_loop()
        for ref in refs:
            self.wait(engine.load_adapter(ref))

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
                GREEDY.__class__(temperature=0.0, max_tokens=length),
            )
            for number, (prompt, adapter, length) in enumerate(jobs)
        ]
        started = time.perf_counter()
        async for delta in self.engine.generate(requests):
            if delta.tokens:
                records[int(delta.request_id)].note(started, delta.tokens)
        return records


@contextmanager
def open_ours(gguf: Path, refs: Sequence[AdapterRef], cache: Path) -> Iterator[Ours]:
    settings = Options(threads=THREADS, cells=CELLS)
    peer = Ours(LlamaEngine(gguf, "bench", "", cache, settings), refs)
    yield peer
    peer.wait(peer.engine.close())


class Raw:
    """The loop that llama-bench and every tutorial has: one batch of all, argmax, again. It knows
    one adapter at a time, so jobs of several are grouped by `group`."""

    name = "raw loop"

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


_SERVER = """
import sys, time, xllamacpp as x
p = x.CommonParams()
p.model.path = sys.argv[1]
p.n_ctx, p.n_parallel, p.n_batch, p.n_ubatch = int(sys.argv[2]), 16, 512, 512
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = int(sys.argv[3])
p.kv_unified, p.warmup, p.port, p.verbosity = True, False, 0, -1
loras = []
for path in sys.argv[4:]:
    lora = x.CommonAdapterLoraInfo(); lora.path, lora.scale = path, 0.0; loras.append(lora)
p.lora_adapters = loras
server = x.Server(p)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


class LlamaServer:
    """llama-server, in the process that xllamacpp gives it, asked over HTTP by threads."""

    name = "llama-server"

    def __init__(self, address: str, adapters: int) -> None:
        self._address, self._adapters = address, adapters

    def run(self, jobs: Sequence[Job]) -> list[Record]:
        records = [Record() for _ in jobs]
        gate = threading.Barrier(len(jobs) + 1)
        started: list[float] = []
        threads = [
            threading.Thread(target=self._ask, args=(job, record, gate, started))
            for job, record in zip(jobs, records, strict=True)
        ]
        for thread in threads:
            thread.start()
        started.append(time.perf_counter())
        gate.wait()
        for thread in threads:
            thread.join()
        return records

    def _ask(self, job: Job, record: Record, gate: threading.Barrier, started: list[float]) -> None:
        prompt, adapter, length = job
        scales = [{"id": n, "scale": float(n == adapter)} for n in range(self._adapters)]
        body = {
            "prompt": prompt, "n_predict": length, "temperature": 0, "stream": True,
            "cache_prompt": True, "return_tokens": True, "lora": scales,
            "samplers": ["top_k"], "top_k": 1,
        }  # fmt: skip
        with httpx.Client(base_url=self._address, timeout=600) as http:
            gate.wait()
            with http.stream("POST", "/completion", json=body) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        tokens = len(json.loads(line[6:]).get("tokens") or [])
                        if tokens:
                            record.note(started[0], tokens)


@contextmanager
def open_llama_server(gguf: Path, loras: Sequence[Path], python: Path) -> Iterator[LlamaServer]:
    """`python` has xllamacpp installed."""
    words = [str(python), "-c", _SERVER, str(gguf), str(CELLS), str(THREADS), *map(str, loras)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield LlamaServer(process.stdout.readline().strip(), len(loras))
        process.kill()


def random_adapter(folder: Path, gguf: Path, seed: int) -> AdapterRef:
    """Rank 8 on q and v, small: the cost of an adapter does not depend on what it learnt."""
    from lemmata.adapters import canonical, fingerprint
    from lemmata.adapters.manifest import Manifest

    draw, header = np.random.default_rng(seed), fingerprint.header(gguf)
    tensors = {}
    for name, tensor in header.tensors.items():
        for letter in ("q", "v"):
            if name.endswith(f"attn_{letter}.weight"):
                rows, columns = tensor.shape
                layer = name.split(".")[1]
                key = f"base_model.model.model.layers.{layer}.self_attn.{letter}_proj"
                tensors[f"{key}.lora_A.weight"] = draw.normal(0, 0.02, (8, columns))
                tensors[f"{key}.lora_B.weight"] = draw.normal(0, 0.02, (rows, 8))
    return canonical.save(folder, tensors, rank=8, alpha=16, about=Manifest())
