"""A home of one's own, a run that nothing disturbed, and how runs are compared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata import settings as reading
from lemmata.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return replace(reading.load(), home=tmp_path / "home", threads=1)


@pytest.fixture(scope="module")
def finished(recipe: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the module's own `recipe`."""
    from lemmata.train import loop

    home = tmp_path_factory.mktemp("finished")
    return loop.start(recipe, replace(reading.load(), home=home, threads=1))  # type: ignore[arg-type]


def weights(run: Path) -> bytes:
    """The adapter that landed."""
    from lemmata.adapters import canonical
    from lemmata.train import run_dir

    return (run / run_dir.FINAL / canonical.WEIGHTS).read_bytes()


def sums(path: Path, pairs: Iterable[tuple[int, int]]) -> str:
    """A data file of additions with their gold answers."""
    lines = [
        {"messages": [{"role": "user", "content": f"What is {a} + {b}?"}],
         "completion": f"{a} + {b} = {a + b}\n\\boxed{{{a + b}}}",
         "meta": {"task": "counting", "gold": str(a + b)}}
        for a, b in pairs
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)
