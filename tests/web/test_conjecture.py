"""Conjecture in a real browser: shown back, corrected, searched, stopped, taken home."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from web.asking import photograph
from web.test_page import faults_of

LONG = 240_000
"""Milliseconds for a search by a process of its own on a machine busy with other work."""


def test_a_false_statement_is_shown_back_searched_and_refuted(
    site: Any, visit: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit(f"{site(['x']).url}/#conjecture", "zh")
    page.fill("#statement", "对所有整数 n ≥ 0，n²+n+41 都是素数。")
    page.click("#understand")
    expect(page.locator("#understood .known")).to_contain_text("n^2 + n + 41是素数")
    expect(page.locator("#understood .katex").first).to_be_visible()
    page.fill("#budget", "20")
    page.click("#search-it")
    expect(page.locator(".report .tag.bad")).to_have_text("已否定", timeout=LONG)
    expect(page.locator(".report .known strong")).to_contain_text("n = 40 是最小反例")
    expect(page.locator("#searched table").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="checker.py").click()
    script = tmp_path / "checker.py"
    download.value.save_as(script)
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert "claim holds: False" in ran.stdout
    with page.expect_download() as download:
        page.get_by_role("button", name="LaTeX").click()
    assert "\\section*" in download.value.path().read_text("utf-8")
    expect(page.locator("#searched .remark").first).to_contain_text("由穷举找到")
    photograph(page, "page-conjecture-zh-light", page.locator("#searched"))
    page.click("#language")
    expect(page.locator(".report .known strong")).to_contain_text("n = 40 is the smallest")
    expect(page.locator("#searched .remark").first).to_contain_text("Found by exhaustive search")
    assert faults_of(page) == []


def test_what_was_understood_wrongly_is_corrected(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(f"{site(['x']).url}/#conjecture", "zh")
    page.fill("#statement", "美就是真。")
    page.click("#understand")
    expect(page.locator("#page .fault")).to_be_visible()
    page.fill("#spec", "for integer n in 1..20: even(n * (n + 1)")
    page.click("#search-it")
    expect(page.locator("#page .fault")).to_be_visible()
    page.fill("#spec", "for integer n in 1..20: even(n * (n + 1))")
    page.click("#search-it")  # what was changed is shown back before it is searched
    expect(page.locator("#understood .known")).to_contain_text("偶数")
    expect(page.locator("#page .fault")).to_be_hidden()
    page.click("#search-it")
    expect(page.locator(".report .tag.good")).to_have_text("已证明", timeout=LONG)


def test_a_search_outlives_the_page_is_stopped_and_goes_on(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(f"{site(['x']).url}/#conjecture")
    page.locator(".examples button").first.click()
    page.click("#understand")
    page.fill("#budget", "3600")
    page.click("#search-it")
    facts = page.locator("#searched .facts")
    expect(facts).to_contain_text("Points decided", timeout=LONG)
    expect(facts).to_contain_text("Left, seconds", timeout=LONG)
    page.reload()
    expect(page.locator("#searched .tag.running")).to_be_visible()
    expect(page.locator("#searched .facts")).to_contain_text("Points decided", timeout=LONG)
    page.locator("#searched").get_by_role("button", name="Stop").click()
    expect(page.locator("#searched .tag.stopped")).to_be_visible(timeout=LONG)
    expect(page.locator(".report .known strong")).to_contain_text("No counterexample for n ≤")
    expect(page.locator(".report .plot canvas")).to_be_visible()
    assert faults_of(page) == []
    photograph(page, "page-conjecture-en-light", page.locator("#searched"))
    page.locator("#searched").get_by_role("button", name="Search on").click()
    expect(page.locator("#searched .tag.running")).to_be_visible(timeout=LONG)
    page.locator("#searched").get_by_role("button", name="Stop").click()
    expect(page.locator("#searched .tag.stopped")).to_be_visible(timeout=LONG)
