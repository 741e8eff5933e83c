"""The guides show the committed measurements, and their examples are true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import from_text

ROOT = Path(__file__).parents[3]
RESULTS = json.loads((ROOT / "bench/results/conjecture.json").read_text())
GUIDES = ["docs/guides/conjecture.md", "docs/guides/conjecture.zh-CN.md"]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_tables_are_the_measurements(guide: str) -> None:
    text = (ROOT / guide).read_text()
    for row in RESULTS["searches"]:
        english = f"| {row['name']} | {row['seconds']} s | {row['known']} |"
        chinese = f"| {row['name_zh']} | {row['seconds']} 秒 | {row['known_zh']} |"
        assert (chinese if "zh-CN" in guide else english) in text
    for row in RESULTS["formalising"]:
        names = ("name", "of", "right", "wrong", "refused", "rightly_refused")
        cells = [row[name] for name in names]
        assert f"| {' | '.join(map(str, cells))} |" in text


@pytest.mark.parametrize("guide", GUIDES)
def test_the_specs_shown_are_specs(guide: str) -> None:
    shown = re.findall(
        r"^for (?:integer|real|graph) .+\n(?:  .+\n)+", (ROOT / guide).read_text(), re.M
    )
    assert len(shown) >= 2
    for text in shown:
        from_text(text)


def test_every_function_is_listed() -> None:
    text = (ROOT / GUIDES[0]).read_text()
    assert set(FUNCTIONS) <= set(re.findall(r"[a-z_]+", text))
