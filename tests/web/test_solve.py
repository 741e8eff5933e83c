"""Solve in a real browser: streaming, marks, votes, verdict, stop, history, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from web.asking import DERIVATION, ask

UNENDING = " ".join(map(str, range(3000)))
"""Nothing that repeats itself: a loop would be ended."""


def test_a_derivation_with_marks_formulas_and_verdict(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site([DERIVATION]).url)
    ask(page, "How many solutions has x + y + z = 10?")
    expect(page.locator(".verdict .result")).to_have_text("66")
    expect(page.locator(".verdict")).to_have_class("verdict refuted")
    expect(page.locator(".derivation .katex-display")).to_have_count(1)
    expect(page.locator(".derivation .katex").first).to_be_visible()
    expect(page.locator("li.holds").first).to_be_visible()
    wrong = page.locator("li.fails")
    expect(wrong).to_have_count(1)
    expect(wrong.locator(".why")).to_contain_text("4")
    expect(page.locator(".derivation")).to_contain_text("It costs $5 and not $6.")
    expect(page.locator('ol[start="2"]')).to_have_count(1)
    thought = page.locator("details.thinking")
    assert thought.evaluate("node => node.open") is False
    expect(thought).to_contain_text("Stars and bars.")
    expect(page.locator(".plot canvas")).to_be_visible()


def test_a_program_in_the_answer_runs_in_the_sandbox(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site([DERIVATION]).url)
    ask(page, "6 times 11?")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("output.ran")).to_have_text(re.compile(r"^66\s*$"))


def test_votes_are_tallied_and_agree(site: Any, visit: Callable[..., Any]) -> None:
    answers = iter(["\\boxed{1}", "\\boxed{2}", "\\boxed{2}", "\\boxed{2}"] * 4)
    page = visit(site(lambda _: next(answers)).url)
    ask(page, "Which?", "4")
    expect(page.locator(".verdict .result")).to_have_text("2")
    expect(page.locator(".verdict")).to_have_class(re.compile("agreed|unverified"))
    expect(page.locator(".tally li").first).to_contain_text("2")


@pytest.mark.parametrize("how", ["button", "key"])
def test_stop_keeps_what_was_written(site: Any, visit: Callable[..., Any], how: str) -> None:
    page = visit(site(["word word " + UNENDING], delay=0.01, context=100_000).url)
    ask(page, "Go on and on.")
    expect(page.locator(".derivation")).to_contain_text("word word")
    if how == "key":
        page.keyboard.press("Escape")
    else:
        page.click("#stop")
    expect(page.locator(".fault")).to_have_text("Stopped.")
    expect(page.locator(".derivation")).to_contain_text("word word")
    expect(page.locator("#go")).to_be_visible()


def test_answer_now_ends_a_long_derivation(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site(["\\boxed{7} word word " + UNENDING], delay=0.01, context=100_000).url)
    ask(page, "Go on and on.")
    expect(page.locator(".derivation")).to_contain_text("word word")
    page.click("#now")
    expect(page.locator(".verdict")).to_be_visible()


def test_chinese_composition_does_not_send(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site(["\\boxed{1}"]).url, "zh")
    expect(page.locator("#model option").first).to_be_attached()
    page.fill("#problem", "三个")
    for given in ("isComposing: true", "keyCode: 229"):
        page.evaluate(
            "() => document.getElementById('problem').dispatchEvent("
            f"new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, {given}}}))"
        )
    page.press("#problem", "Shift+Enter")
    assert page.input_value("#problem") == "三个\n"
    expect(page.locator(".turn")).to_have_count(0)
    page.press("#problem", "Enter")
    expect(page.locator(".turn")).to_have_count(1)


def test_history_is_on_the_server_searched_branched_and_removed(
    site: Any, visit: Callable[..., Any]
) -> None:
    server = site([DERIVATION])
    page = visit(server.url)
    ask(page, "First question?")
    expect(page.locator(".verdict")).to_be_visible()
    ask(page, "Second question?")
    expect(page.locator(".verdict")).to_have_count(2)
    expect(page.locator(".history li")).to_have_count(1)
    again = visit(page.url)
    expect(again.locator(".turn")).to_have_count(2)
    expect(again.locator(".verdict .result").first).to_have_text("66")
    expect(again.locator("li.fails").first).to_be_attached()
    again.keyboard.press("Control+k")
    again.keyboard.type("nothing like it")
    expect(again.locator(".history li")).to_have_count(0)
    again.fill("#search", "second")
    expect(again.locator(".history li")).to_have_count(1)
    again.get_by_role("button", name="Edit and branch").nth(1).click()
    again.fill("#problem", "Another second question?")
    again.press("#problem", "Enter")
    expect(again.locator(".turn")).to_have_count(2)
    expect(again.locator(".question").nth(1)).to_have_text("Another second question?")
    again.fill("#search", "")
    expect(again.locator(".history li")).to_have_count(2)
    expect(again.locator(".verdict")).to_have_count(2)
    again.wait_for_load_state("networkidle")  # the answer is being written down
    again.get_by_role("button", name="Remove").first.click()
    again.locator("dialog").get_by_role("button", name="Cancel").click()
    again.get_by_role("button", name="Remove").first.click()
    again.locator("dialog").get_by_role("button", name="Remove").click()
    expect(again.locator(".history li")).to_have_count(1)


def test_a_conversation_is_exported(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site([DERIVATION]).url)
    ask(page, "How many?")
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator(".history .foot")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="LaTeX", exact=True).click()
    text = download.value.path().read_text("utf-8")
    assert "\\begin{document}" in text
    assert "\\binom{12}{2}" in text


def test_a_fault_of_the_engine_is_told(site: Any, visit: Callable[..., Any]) -> None:
    server = site(["a long answer"])
    server.service.engine.dies_after = 4
    page = visit(server.url)
    ask(page, "Go on.")
    expect(page.locator(".fault")).to_contain_text("the engine stopped")


def test_a_long_derivation_is_drawn_to_its_end(site: Any, visit: Callable[..., Any]) -> None:
    lines = "\n\n".join(rf"Step {n}: \({n} + {n} = {2 * n}\)." for n in range(1, 300))
    page = visit(site([lines + "\n\n\\boxed{9}"], context=400_000).url)
    ask(page, "Count.")
    expect(page.locator(".verdict .result")).to_have_text("9")
    expect(page.locator(".derivation .part > li")).to_have_count(300)
    expect(page.locator(".derivation .part > li").nth(298).locator(".katex")).to_be_attached()
