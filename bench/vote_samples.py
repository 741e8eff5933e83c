"""The samples behind bench/vote.py: sixteen derivations and a greedy one of every problem, kept.

    python bench/vote_samples.py FAMILY ADAPTER [--seconds 200]

ADAPTER is a folder, tuned by `bench/recipes/vote-FAMILY.yaml`. Each call goes on where the last one
ended, for so many seconds. Written to bench/results/samples/FAMILY.jsonl: one problem a line with
what each sample wrote. `tune` problems are for choosing the constants of voting, `test` problems
for reporting; neither was in training.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import chains

from lemmata import settings
from lemmata.adapters import canonical
from lemmata.data.tasks import family as shape
from lemmata.data.tasks import stars_and_bars
from lemmata.engines import open_engine
from lemmata.engines.base import GREEDY, Engine, Request, Sampling
from lemmata.models.store import Store
from lemmata.prompts import roles
from lemmata.types import Message

FOLDER = Path(__file__).parent / "results" / "samples"
SAMPLES = 16
SIZES = {"test": 100, "tune": 16}
SAMPLING = Sampling(temperature=0.6, top_p=0.95, max_tokens=96)
TRAINED_ROWS, TRAINED_SEED = 2000, 1
ROLES = {"stars": "combinatorics", "chains": "math"}


def problems(family: str) -> Iterator[tuple[str, str, str]]:
    """(set, problem, gold), those for reporting first."""
    found = _stars() if family == "stars" else _chains()
    for name, size in SIZES.items():
        for _ in range(size):
            item = next(found)
            yield name, item.problem, item.answer


def _stars() -> Iterator[shape.Item]:
    yield from stars_and_bars.held_out(sum(SIZES.values()), seed=7_000_000)


def _chains() -> Iterator[shape.Item]:
    known = {shape.make(chains, TRAINED_SEED, index, "en").problem for index in range(TRAINED_ROWS)}
    index = 0
    while True:
        item = shape.make(chains, 7_000_000, index, "en")
        index += 1
        if item.problem not in known:
            known.add(item.problem)
            yield item


def messages(family: str, problem: str) -> tuple[Message, ...]:
    return roles.apply(problem, ROLES[family])


async def sample(engine: Engine, family: str, problem: str, seed: int) -> list[dict[str, Any]]:
    """The greedy derivation first. All share the prompt's cells; each draws by its own seed."""
    prompt = messages(family, problem)
    greedy = replace(GREEDY, max_tokens=SAMPLING.max_tokens)
    drawn = [replace(SAMPLING, seed=seed * 1000 + i) for i in range(SAMPLES)]
    requests = [
        Request(str(i), prompt, engine.adapters()[0].name, chosen)
        for i, chosen in enumerate([greedy, *drawn])
    ]
    texts, tokens = [""] * len(requests), [0] * len(requests)
    ends = [""] * len(requests)
    async for delta in engine.generate(requests):
        at = int(delta.request_id)
        texts[at] += delta.text
        tokens[at] += delta.tokens
        ends[at] = delta.finish_reason or ends[at]
    return [
        {"text": text, "tokens": count, "end": end}
        for text, count, end in zip(texts, tokens, ends, strict=True)
    ]


async def run(family: str, adapter: Path, seconds: float) -> None:
    path = FOLDER / f"{family}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = len(path.read_text("utf-8").splitlines()) if path.exists() else 0
    listed = list(problems(family))
    until = time.monotonic() + seconds
    chosen, stored = settings.load(), Store(settings.load()).get("smollm2-135m")
    engine = open_engine(stored.name, chosen)
    try:
        loaded = canonical.open(adapter, f"vote-{family}")
        await engine.load_adapter(loaded)
        drawn_by = {"weights": stored.sha256[:12], "adapter": loaded.sha256[:12]}
        for number in range(done, len(listed)):
            name, problem, gold = listed[number]
            row: dict[str, Any] = {"set": name, "problem": problem, "gold": gold} | drawn_by
            row["samples"] = await sample(engine, family, problem, number)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(f"{number + 1}/{len(listed)}", file=sys.stderr)
            if time.monotonic() > until:
                return
    finally:
        await engine.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=sorted(ROLES))
    parser.add_argument("adapter", type=Path)
    parser.add_argument("--seconds", type=float, default=200)
    asked = parser.parse_args()
    asyncio.run(run(asked.family, asked.adapter, asked.seconds))


if __name__ == "__main__":
    main()
