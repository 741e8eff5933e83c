"""llama-server, in the process that xllamacpp gives it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from serve_peers.record import CELLS, THREADS, Job, Record

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

    def __init__(self, address: str, adapters: int, pid: int) -> None:
        self._address, self._adapters, self.pid = address, adapters, pid

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
        yield LlamaServer(process.stdout.readline().strip(), len(loras), process.pid)
        process.kill()
