"""Before and after on rows of one's own, in a real browser: the real model measures, base and
adapter side by side, every share with its interval."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from lemmata.adapters.registry import Registry
from lemmata.models.stored import StoredModel

LONG = 400_000
"""Milliseconds for the default model to load and write on a machine busy with other work."""
ADAPTER = Path(__file__).parents[2] / "examples" / "adapters" / "counting"
ROWS = [
    {"problem": "How many integer solutions has x + y = 3 with x, y >= 0?", "answer": "4"},
    {"problem": "How many integer solutions has x + y + z = 2 with x, y, z >= 0?", "answer": "6"},
    {"problem": "No answer is given here."},
]


@pytest.mark.model
def test_base_and_adapter_answer_uploaded_rows_side_by_side(
    site: Any,
    visit: Callable[..., Any],
    tmp_path: Path,
    lemmata_home: Path,
    default_model: StoredModel,
) -> None:
    assert default_model.gguf.is_file()
    (tmp_path / "models").symlink_to(lemmata_home / "models")
    server = site(["x"])
    service = server.service
    service.settings = replace(service.settings, model="smollm2-135m")
    Registry(service.settings.adapters_dir).add(ADAPTER, "counting")
    rows = tmp_path / "held-out.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    page = visit(f"{server.url}/#evaluate")
    page.set_input_files("#own-rows", rows)
    expect(page.locator("#benchmark option:checked")).to_have_text("held-out.jsonl")
    expect(page.locator("#eval-adapters option:checked")).to_have_text(["base", "counting"])
    page.fill("#eval-tokens", "24")
    page.get_by_role("button", name="Measure").click()
    item = page.locator("details.item")
    expect(item).to_have_count(2, timeout=LONG)
    expect(page.locator("article", has=item.first)).to_contain_text("Rows left out: 1")
    table = page.locator("article", has=item.first).locator("table").first
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table.locator("tbody tr").first).to_contain_text("–")  # an interval
    item.first.locator("summary").click()
    expect(item.first.locator(".sides h3")).to_have_text(["base", "counting"])
    expect(item.first.locator(".attempt")).to_have_count(2)
    page.check("#only-differ")
    expect(page.locator("#only-differ")).to_be_checked()
    page.reload()  # it is kept on the server
    expect(page.locator("details.item")).to_have_count(2, timeout=60_000)
