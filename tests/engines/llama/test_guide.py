"""The guide's tables of decode calls say what bench/results/calls.json says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CALLS = ROOT / "bench" / "results" / "calls.json"
COLUMNS = (
    *(f"adapter: {rows} write" for rows in (1, 2, 4, 8, 16)),
    "adapter: prompt of 80",
    "after a change: 1 write",
)
LIMITS = (
    "groups of 2",
    "memory, groups of 2",
    "groups of 16",
    "16 requests over 8 adapters",
)


def tables():
    """The rows of both tables, as the guides have to have them."""
    calls, limits = [], []
    for name, one in json.loads(CALLS.read_text(encoding="utf-8"))["precisions"].items():
        ms, rates = one["milliseconds"], one["tokens_a_second_of_a_core"]
        costs = " | ".join(f"{ms[column]:.1f}" for column in COLUMNS)
        calls.append(f"| {name.upper()} | {one['weights_mb']:.0f} | {costs} |")
        limits.append(f"| {name.upper()} | " + " | ".join(f"{rates[k]:.0f}" for k in LIMITS) + " |")
    return calls, limits


@pytest.mark.parametrize("guide", ["", ".zh-CN"])
def test_the_guide_tells_what_was_measured(guide):
    text = (ROOT / "docs" / "guides" / f"engine{guide}.md").read_text(encoding="utf-8")
    for table in tables():
        assert "\n".join(table) in text
