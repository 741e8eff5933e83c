"""Notes with our callouts, drawn in a real browser that takes every HTML for good: nothing of what
a model wrote runs or loads. Photographed for the guide when LEMMATA_SCREENSHOTS names a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, sync_playwright

from apps.notes.test_neutral import ATTACKS
from lemmata.apps.notes.blocks import front_matter
from lemmata.apps.notes.callout import answer
from lemmata.apps.notes.check import check
from lemmata.apps.notes.passage import Passage
from lemmata.apps.notes.vault import Vault
from lemmata.apps.notes.writing import annotated
from lemmata.types import Solution, Verdict

HERE = Path(__file__).parent
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
WORDS = {
    "en": ("7 by 8: what is twice the area?", "7 * 8 = 56 [1]. 2 * 56 = 112. The answer is 112."),
    "zh": ("两倍的面积是多少？", "面积是 7 * 8 = 56 [1]。2 * 56 = 112。答案是 112。"),
}
RECTANGLE = Passage("Shapes.md", "Shapes#^area", "Area", "A rectangle of 7 by 8.", "note")


@pytest.fixture
def drawn() -> Iterator[tuple[Page, list[str]]]:
    """A page, and what happened on it that should not have: loads, dialogs, errors."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if found is None:
        pytest.skip("Chromium is not installed: sudo apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 800, "height": 700})
        page.set_default_timeout(60_000)
        page.set_content((HERE / "callouts.html").read_text(encoding="utf-8"))
        told: list[str] = []

        def dismiss(dialog: Any) -> None:
            told.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.on("request", lambda request: told.append(f"load {request.url}"))
        page.on("dialog", dismiss)
        page.on("pageerror", lambda error: told.append(str(error)))
        yield page, told
        browser.close()


def show(page: Page, markdown: str) -> None:
    page.evaluate("(html) => window.show(html)", READER.render(markdown))
    page.wait_for_load_state("networkidle")


def photograph(page: Page, name: str) -> None:
    if folder := os.environ.get("LEMMATA_SCREENSHOTS"):
        page.locator("main").screenshot(path=Path(folder) / f"{name}.png")


def test_nothing_that_a_model_wrote_runs_or_loads(drawn: tuple[Page, list[str]]) -> None:
    page, told = drawn
    text = "\n".join(ATTACKS)
    made = answer(text, Solution("q", text, text, Verdict("unverified", text)), ())
    show(page, made.markdown)
    assert told == []
    for tag in ("img", "script", "iframe", "a", "svg", "style"):
        assert page.locator(f"main {tag}").count() == 0, tag
    assert page.locator("main blockquote").count() == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_answers_and_checks_are_drawn(drawn: tuple[Page, list[str]], language: str) -> None:
    page, told = drawn
    question, derivation = WORDS[language]
    verdict = Verdict("checked", "every step was checked and holds")
    solution = Solution(question, derivation, "112", verdict, language=language)
    made = answer(question, solution, (RECTANGLE,))
    show(page, made.markdown)
    assert page.locator("blockquote[data-callout=lemmata] li", has_text="✓").count() == 3
    photograph(page, f"notes-answer-{language}")
    note = "Algebra/Quadratics.md" if language == "en" else "概率.md"
    text = Vault(HERE / "vault").read(note)
    text = text[len(front_matter(text)) :]
    show(page, annotated(text, check(text)))
    assert page.locator("blockquote[data-callout=failure]").count() >= 1
    photograph(page, f"notes-check-{language}")
    assert told == []
