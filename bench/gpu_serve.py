"""Serving a 1.5B model on a GPU: one command,

    python bench/gpu_serve.py [--tiny] [--rounds 3] [--out FILE]

on a machine with an NVIDIA GPU, a llama-cpp-python built for it (CMAKE_ARGS=-DGGML_CUDA=on) and
`lemmata[train]`. Qwen2's 1.5B shape (VibeThinker-1.5B) with random weights, at F16 and Q8_0: tokens
a second at 1, 8 and 32 streams, beside transformers' generate at f16, and the limit that the
memory's bandwidth sets: each decode call reads all weights and every stream's cache once. Memory is
that of the engine's process with a context of 8,192. `--tiny`: a small shape, anywhere, in seconds:
a test that the script works, not a measurement. Written to results/gpu_serve.json.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import random_qwen2
import torch
from gguf import GGMLQuantizationType as Kind
from random_qwen2 import Shape

from lemmata.engines.base import Request, Sampling
from lemmata.engines.llama import LlamaEngine, Options

RESULTS = Path(__file__).parent / "results" / "gpu_serve.json"
CONTEXT = 8192
GIB = 2**30


class Plan:
    """How much is asked."""

    def __init__(self, tiny: bool) -> None:
        self.shape = random_qwen2.TINY if tiny else random_qwen2.VIBETHINKER_1_5B
        self.streams = (1, 2) if tiny else (1, 8, 32)
        self.prompt, self.length = (8, 8) if tiny else (64, 128)
        self.device = "cuda" if torch.cuda.is_available() and not tiny else "cpu"
        self.context = 1024 if tiny else CONTEXT


def bandwidth(device: str, tiny: bool) -> float:
    """Bytes a second that a large copy reads and writes, the best of several."""
    size = (16 << 20) if tiny else (1 << 30)
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(5):
        _wait(device)
        began = time.perf_counter()
        target.copy_(source)
        _wait(device)
        best = max(best, 2 * size / (time.perf_counter() - began))
    return best


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def limit(plan: Plan, weights: int, speed: float, streams: int) -> float:
    """Tokens a second if nothing but memory took time."""
    kept = streams * (plan.prompt + plan.length // 2) * plan.shape.kv_bytes()
    return streams * speed / (weights + kept)


def weight_bytes(shape: Shape, a_value: float) -> int:
    return int(sum(rows * columns for rows, columns in shape.matrices().values()) * a_value)


def memory(pid: int) -> dict[str, float]:
    """Of the engine's process, in GiB: on the GPU where there is one, and resident."""
    found = {"resident_gib": round(psutil.Process(pid).memory_info().rss / GIB, 3)}
    tool = shutil.which("nvidia-smi")
    if tool:
        words = [tool, "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"]
        lines = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        rows = [line.split(",") for line in lines.splitlines() if line.count(",") == 1]
        used = sum(float(mib) for process, mib in rows if int(process) == pid)
        found["gpu_gib"] = round(used / 1024, 3)
    return found


def prompts(plan: Plan, streams: int, turn: int) -> list[tuple[int, ...]]:
    """Different in every stream and round: nothing comes from the cache."""
    return [
        tuple(2 + (7 * turn + 3 * stream + 5 * place) % 250 for place in range(plan.prompt))
        for stream in range(streams)
    ]


async def written(engine: LlamaEngine, plan: Plan, streams: int, turn: int) -> float:
    """Tokens a second of all streams together."""
    sampling = Sampling(temperature=0.0, max_tokens=plan.length)
    asked = [
        Request(str(n), prompt, None, sampling)
        for n, prompt in enumerate(prompts(plan, streams, turn))
    ]
    began, tokens = time.perf_counter(), 0
    async for delta in engine.generate(asked):
        tokens += delta.tokens
    return tokens / (time.perf_counter() - began)


def ours(plan: Plan, kind: Kind, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        path = random_qwen2.write(Path(name) / "model.gguf", plan.shape, kind)
        options = Options(cells=plan.context, context=plan.context, smoke=False)
        engine = LlamaEngine(path, "random", "", Path(name), options)
        try:
            asyncio.run(written(engine, plan, 1, 99))
            rates = {
                streams: [
                    asyncio.run(written(engine, plan, streams, turn)) for turn in range(rounds)
                ]
                for streams in plan.streams
            }
            assert engine.pid is not None
            return {"rates": rates, "memory": memory(engine.pid)}
        finally:
            asyncio.run(engine.close())


def transformers_generate(plan: Plan, rounds: int) -> dict[str, Any]:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(**vars(plan.shape), tie_word_embeddings=True)
    kind = torch.float16 if plan.device == "cuda" else torch.float32
    with torch.device(plan.device):
        model = Qwen2ForCausalLM(config).to(kind).eval()
    rates: dict[int, list[float]] = {}
    for streams in plan.streams:
        for turn in range(-1, rounds):
            ids = torch.tensor(prompts(plan, streams, turn + 1), device=plan.device)
            _wait(plan.device)
            began = time.perf_counter()
            with torch.inference_mode():
                out = model.generate(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    min_new_tokens=plan.length,
                    max_new_tokens=plan.length,
                    do_sample=False,
                    pad_token_id=0,
                )
            _wait(plan.device)
            rate = (out.shape[1] - ids.shape[1]) * streams / (time.perf_counter() - began)
            if turn >= 0:
                rates.setdefault(streams, []).append(rate)
    del model
    gc.collect()
    return {"rates": rates}


def table(plan: Plan, rounds: int, speed: float) -> list[dict[str, Any]]:
    """One row for each engine, precision and number of streams."""
    sides = {
        ("lemmata", "F16"): (ours(plan, Kind.F16, rounds), 2.0),
        ("lemmata", "Q8_0"): (ours(plan, Kind.Q8_0, rounds), 34 / 32),
        ("transformers", "F16"): (
            transformers_generate(plan, rounds),
            2.0 if plan.device == "cuda" else 4.0,
        ),
    }
    rows = []
    for (name, precision), (found, a_value) in sides.items():
        weights = weight_bytes(plan.shape, a_value)
        for streams, rates in found["rates"].items():
            most, rate = limit(plan, weights, speed, streams), statistics.median(rates)
            rows.append({
                "engine": name, "weights": precision, "streams": streams,
                "tok_s": round(rate, 1), "limit_tok_s": round(most, 1),
                "of_limit": round(rate / most, 3), **found.get("memory", {}),
            })  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    plan = Plan(asked.tiny)
    speed = bandwidth(plan.device, asked.tiny)
    rows = table(plan, asked.rounds, speed)
    print(f"device {plan.device}, bandwidth {speed / 1e9:.0f} GB/s")
    for row in rows:
        print(*(f"{key} {value}" for key, value in row.items()), sep="  ")
    about = {
        "device": torch.cuda.get_device_name() if plan.device == "cuda" else "cpu",
        "tiny": asked.tiny,
        "context": plan.context,
        "bandwidth_gb_s": round(speed / 1e9, 1),
        "rounds": asked.rounds,
    }
    text = json.dumps(about | {"rows": rows}, indent=1)
    asked.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
