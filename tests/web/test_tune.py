"""From a dropped file to a served adapter in a real browser: the real model is tuned."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from lemmata.models.stored import StoredModel

LONG = 400_000
"""Milliseconds for torch to load and take two steps on a machine busy with other work."""


@pytest.mark.model
@pytest.mark.train
@pytest.mark.slow
def test_a_file_becomes_an_adapter(
    site: Any,
    visit: Callable[..., Any],
    tmp_path: Path,
    lemmata_home: Path,
    default_model: StoredModel,
) -> None:
    assert default_model.gguf.is_file()
    (tmp_path / "models").symlink_to(lemmata_home / "models")
    server = site(["x"])
    server.service.settings = replace(server.service.settings, model="smollm2-135m")
    page = visit(f"{server.url}/#tune")
    rows = tmp_path / "rows.jsonl"
    made = [{"problem": f"{n} + {n}?", "solution": f"{n} + {n} = {2 * n}"} for n in range(20, 36)]
    rows.write_text("".join(json.dumps(row) + "\n" for row in [*made, {}]), encoding="utf-8")
    expect(page.locator("#data-source option").first).to_be_attached()
    page.set_input_files("#data-file", rows)
    expect(page.locator(".audit .tag.bad")).to_have_count(1, timeout=LONG)
    page.get_by_role("button", name="Show what is learnt").click()
    expect(page.locator("pre.mask mark").first).to_contain_text("20 + 20 = 40", timeout=LONG)
    page.click("#plan")  # which prepares the file, where nobody has
    planned = page.locator("[aria-live] dl")
    expect(planned).to_contain_text("Trainable weights", timeout=LONG)
    expect(page.locator("#data-source option:checked[data-ready=yes]")).to_have_count(1)
    page.locator("details summary", has_text="All fields").click()
    page.fill("#recipe-round_trip_rows", "0")
    page.check("#recipe-use_rslora")
    page.click("#start")
    watched = page.locator("article", has=page.locator("progress"))
    expect(watched.locator("canvas").first).to_be_visible(timeout=LONG)
    page.reload()
    expect(watched.locator(".legend").first).to_contain_text("Loss", timeout=LONG)
    expect(watched.locator(".tag").first).to_have_text("done", timeout=LONG)
    assert page.url.split("/")[-1]  # the tuning has an address of its own
    told = server.http.get("/api/jobs", params={"kind": "train"}).json()["jobs"][0]
    assert told["about"]["recipe"]["use_rslora"] is True
    watched.get_by_role("button", name="Serve it").click()
    page.locator("dialog input").fill("sums")
    page.keyboard.press("Enter")
    expect(watched).to_contain_text("sums is served")
    assert "sums" in [one["name"] for one in server.http.get("/api/adapters").json()["adapters"]]
