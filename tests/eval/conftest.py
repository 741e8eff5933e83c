"""Small benchmarks and engines that the eval tests share."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lemmata.engines.base import Request
from lemmata.eval.folder import Run
from lemmata.eval.generate import Patience
from lemmata.eval.identity import ModelIdentity
from lemmata.eval.prepare import Wish, prepare
from lemmata.eval.results import Report
from lemmata.eval.run import Means, evaluate
from lemmata.settings import Settings

QUICK = Patience(tries=3, first_s=0.001)
EXACT = ModelIdentity("scripted", "scripted", "weights", "template")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home", "echo", "127.0.0.1", 0, 1, None, True, "")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Twelve sums; problem i asks for i + i."""
    path = tmp_path / "sums.jsonl"
    lines = [
        json.dumps({"id": f"sum-{i}", "problem": f"What is {i} + {i}?", "answer": str(2 * i)})
        for i in range(12)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def adds(request: Request) -> str:
    """Right on even numbers, wrong by one on odd ones."""
    content = request.prompt[-1].content  # type: ignore[union-attr]
    found = re.search(r"(\d+) \+ (\d+)", content)
    assert found is not None
    total = int(found[1]) + int(found[2]) + int(found[1]) % 2
    return f"We add.\n{found[1]} + {found[2]} = {total}\n\\boxed{{{total}}}"


def run_of(spec: str, settings: Settings, model: ModelIdentity = EXACT, **wish: object) -> Run:
    plan, items, refused = prepare(spec, Wish(**wish), settings)  # type: ignore[arg-type]
    return Run(plan, model, {}, items, refused)


def measured(run: Run, engine: object, folder: Path, **means: object) -> Report:
    told = Means(**{"at_once": 4, "patience": QUICK, **means})  # type: ignore[arg-type]
    return asyncio.run(evaluate(run, engine, folder, told))  # type: ignore[arg-type]


Measure = Callable[..., Report]
