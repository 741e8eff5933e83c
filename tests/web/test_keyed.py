"""A server that wants keys: the page asks for one, once, and says when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from lemmata.server.auth import Gate
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys
from scripted import ScriptedEngine
from served import running


def test_a_key_is_asked_for_once_and_again_when_it_is_wrong(tmp_path: Path, browser: Any) -> None:
    keys = Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))
    right = keys.add("me")
    with running(ScriptedEngine(["\\boxed{4}"]), tmp_path, Gate(keys)) as server:
        page = browser.new_page(locale="en-GB")
        page.goto(server.url)
        dialog = page.locator("dialog")
        expect(dialog).to_have_count(1)
        expect(dialog).to_contain_text("wants an API key")
        page.keyboard.type("lm-00000000-" + "x" * 32)
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("does not know that key")
        page.keyboard.type(right)
        page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        expect(page.locator("#model option")).to_have_count(1)
        page.fill("#problem", "2 + 2?")
        page.press("#problem", "Enter")
        expect(page.locator(".verdict .result")).to_have_text("4")
        page.goto(f"{server.url}/#tune")  # this key may not
        expect(page.locator("#notice")).to_contain_text("scope")
        page.close()


def test_whoever_gives_none_is_left_alone(tmp_path: Path, browser: Any) -> None:
    keys = Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))
    keys.add("me")
    with running(ScriptedEngine(["x"]), tmp_path, Gate(keys)) as server:
        page = browser.new_page(locale="en-GB")
        page.goto(server.url)
        expect(page.locator("dialog")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(page.locator("#notice")).to_contain_text("reload the page")
        page.wait_for_load_state("networkidle")
        expect(page.locator("dialog")).to_have_count(0)
        page.close()


def test_nothing_is_removed_unasked(site: Any, visit: Callable[..., Any]) -> None:
    server = site(["x"])
    page = visit(f"{server.url}/#adapters")
    page.get_by_role("button", name="Remove").click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert [one["name"] for one in server.http.get("/api/adapters").json()["adapters"]]
    page.get_by_role("button", name="Remove").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator(".cards .card")).to_have_count(0)
