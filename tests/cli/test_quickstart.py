"""`lemmata quickstart`: the story on a few rows, and the proof that the shipped adapter is one."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata import settings
from lemmata.adapters import canonical
from lemmata.adapters.registry import Registry
from lemmata.cli import quickstart
from lemmata.engines import open_engine
from lemmata.models.progress import silent
from lemmata.train.intervals import paired
from lemmata.train.measure import accuracy

pytestmark = [pytest.mark.train, pytest.mark.model]

SHIPPED = Path(__file__).parents[2] / "examples" / "adapters" / "counting"


@pytest.fixture
def home(tmp_path: Path, lemmata_home: Path, default_model, default_hf_dir):
    """A home of its own, with the models that the tests have already fetched."""
    shutil.copytree(lemmata_home / "models", tmp_path / "models", copy_function=shutil.copy2)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "hf").symlink_to(lemmata_home / "cache" / "hf")
    return replace(settings.load(), home=tmp_path)


def test_the_story_runs_through_every_stage(home, tmp_path, capsys):
    stages = {}
    report = asyncio.run(
        quickstart.story(
            home,
            lambda stage, done, total: stages.update({stage: (done, total)}),
            items=4,
            data="task:stars-and-bars:4",
            rows_per_step=2,
        )
    )
    assert stages["train"] == (2, 2)
    assert stages["measure the base"] == stages["measure the adapter"] == (4, 4)
    assert Registry(home.adapters_dir).get("counting").sha256 == report.adapter.sha256
    assert len(report.before.right) == len(report.after.right) == 4
    fields = json.loads(json.dumps(quickstart._fields(report)))
    assert fields["adapter"]["name"] == "counting"
    assert [solution["problem"] for solution in fields["solutions"]] == list(quickstart.SHOWN)
    told = quickstart._told(report)
    assert "with counting" in told
    assert "95 % interval" in told
    quickstart._write(report, tmp_path / "out")
    assert canonical.open(tmp_path / "out" / "counting").sha256 == report.adapter.sha256
    assert json.loads((tmp_path / "out" / "report.json").read_text())["problems"] == 4


@pytest.mark.slow
def test_the_shipped_adapter_counts_what_it_never_saw(home, default_model):
    """The guide's claim on a third of its problems: near 0 without it, at least 60 % with it."""
    problems = quickstart.held_out_problems()[::3]
    ref = canonical.open(SHIPPED)
    assert ref.base == default_model.id

    async def measure():
        engine = open_engine(default_model.gguf, home)
        try:
            before = await accuracy(engine, problems, None, quickstart.MOST_TOKENS, silent)
            await engine.load_adapter(ref)
            return before, await accuracy(engine, problems, ref.name, quickstart.MOST_TOKENS)
        finally:
            await engine.close()

    before, after = asyncio.run(measure())
    assert before.accuracy.value <= 0.1
    assert after.accuracy.value >= 0.6
    assert paired(before.right, after.right).low > 0.3


def test_the_shipped_adapter_is_small_and_says_what_made_it():
    from lemmata.adapters import manifest
    from lemmata.train import recipe

    told = manifest.read(SHIPPED)
    assert recipe.from_fields(told.recipe) == recipe.load("counting")
    assert told.accuracy["held-out stars and bars"]["after"]["correct"] >= 36
    assert (SHIPPED / canonical.WEIGHTS).stat().st_size < 1_100_000
