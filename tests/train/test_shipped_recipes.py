"""Every recipe of ours that has stages or a teacher, run whole on a tiny base with few rows."""

from __future__ import annotations

import json

import pytest

from lemmata.adapters import canonical, manifest
from lemmata.train import loop, run_dir, teaching
from lemmata.train.recipe import load

pytestmark = [pytest.mark.train, pytest.mark.model]

FEW = {"gate_problems": 2, "gate_tokens": 4, "data": ["task:stars-and-bars:8"], "max_kl": 50}


def test_curriculum_runs_both_stages_in_order_behind_gates(tiny_base, home):
    stages = [{"name": "easiest", "rows": 4, "lr": 3e-3}, {"name": "all", "lr": 2e-3}]
    recipe = load("curriculum", FEW | {"base": str(tiny_base), "stages": stages})
    assert (recipe.order, recipe.dial) == ("nll", (0.5, 0.75, 1.0))
    run = loop.start(recipe, home)
    assert [gate["stage"] for gate in manifest.read(run / run_dir.FINAL).gates] == [
        "easiest", "all", "round trip",
    ]  # fmt: skip
    assert len(json.loads((run / "dial.json").read_text())["settings"]) == 3


def test_distil_learns_from_the_labels_of_a_teacher(tiny_base, home, tmp_path):
    fields = FEW | {"base": str(tiny_base)}
    told = teaching.teach(load("distil", fields), tmp_path / "labels.safetensors", home, top=8)
    run = loop.start(load("distil", fields | {"teacher": str(told.path)}), home)
    steps = [e for e in run_dir.whole_lines(run / run_dir.EVENTS) if e["event"] == "step"]
    assert all("divergence" in step for step in steps)
    assert canonical.open(run / run_dir.FINAL).rank == 4


@pytest.mark.parametrize("name", ["curriculum", "distil"])
def test_as_shipped_it_asks_a_small_model_what_it_can_answer(name):
    recipe = load(name)
    assert recipe.target
    assert recipe.retention == ("general",)
