"""The guides' tables of decode calls are those of bench/results/calls.json, row for row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CALLS = (
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


def measured():
    """The rows of both tables, as the guides have to have them."""
    found = json.loads((ROOT / "bench/results/calls.json").read_text("utf-8"))
    calls, limits = [], []
    for name, one in found["precisions"].items():
        ms, rates = one["milliseconds"], one["tokens_a_second_of_a_core"]
        costs = [f"{ms[column]:.1f}" for column in CALLS]
        calls.append([name.upper(), f"{one['weights_mb']:.0f}", *costs])
        limits.append([name.upper(), *(f"{rates[column]:.0f}" for column in LIMITS)])
    return calls, limits


def tables(text):
    """Every Markdown table as rows of cells, without its head."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in b[2:]] for b in blocks]


@pytest.mark.parametrize("guide", ["engine.md", "engine.zh-CN.md"])
def test_the_guide_tells_what_was_measured(guide):
    text = (ROOT / "docs/guides" / guide).read_text("utf-8")
    weights = [table for table in tables(text) if table[0][0] == "Q8_0"]
    assert weights == list(measured())
