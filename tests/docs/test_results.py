"""Every table of docs/results.md is the one that its script prints of its committed JSON."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/results.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["evaluation", "vote", "ablation"])
def test_the_tables_are_those_of_the_json(name, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    found = json.loads((ROOT / f"bench/results/{name}.json").read_text("utf-8"))
    tables = importlib.import_module(name).tables(found)
    rows = [line for line in tables.splitlines() if line.startswith("|")]
    assert len(rows) > 4
    assert [row for row in rows if row not in TEXT] == []


@pytest.mark.parametrize("guide", ["engines.md", "engines.zh-CN.md"])
def test_what_agrees_with_torch_is_told_as_measured(guide):
    text = (ROOT / "docs/guides" / guide).read_text("utf-8")
    runs = json.loads((ROOT / "bench/results/parity.json").read_text("utf-8"))["runs"]
    assert {(run["precision"], run["adapter"]) for run in runs} >= {
        (precision, adapter) for precision in ("f32", "f16") for adapter in ("none", "counting")
    }
    for run in runs:
        difference = run["difference"]
        assert run["agrees"]
        assert (
            f"| {run['precision']} | {run['adapter']} | {run['prompts']} | {run['tokens']:,} "
            f"| {run['same_texts']} | {difference['largest']} | {difference['median']} "
            f"| {run['largest_gap_of_another_token']} | {run['tolerance']} |"
        ) in text
