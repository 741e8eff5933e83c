"""The page in a real Chromium, around an engine that writes what a test tells it to."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from lemmata.types import AdapterRef
from scripted import ScriptedEngine
from served import Running, running

expect.set_options(timeout=60_000)
REF = AdapterRef("counting", Path("counting"), "ab" * 32, "scripted", 8, 16.0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if found is None:
        pytest.skip("Chromium is not installed: sudo apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Give the engine's script; get a running server with one adapter."""
    with contextlib.ExitStack() as stack:

        def start(script: Any, delay: float = 0.0, context: int = 4096) -> Running:
            engine = ScriptedEngine(script, delay, context)
            engine._adapters[REF.name] = REF
            return stack.enter_context(running(engine, tmp_path))

        yield start


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open the page. Errors in its console, blocked scripts among them, fail the test; but the
    browser also tells there of each input that the server refuses."""
    with contextlib.ExitStack() as stack:
        faults: list[str] = []

        def open_page(url: str, language: str = "en", **options: Any) -> Page:
            locale = "zh-CN" if language == "zh" else "en-GB"
            context = browser.new_context(locale=locale, **options)
            stack.callback(context.close)
            context.set_default_timeout(60_000)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda m: faults.append(m.text) if is_fault(m) else None)
            page.goto(url)
            return page

        yield open_page
        assert faults == []


def is_fault(message: ConsoleMessage) -> bool:
    return message.type == "error" and "a status of 400 " not in message.text
