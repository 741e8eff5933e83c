"""The report: one file that needs nothing else and that no model can write into."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.conftest import measured, run_of
from lemmata.eval import folder
from lemmata.eval.report import shortened
from lemmata.settings import Settings
from scripted import ScriptedEngine

ATTACKS = (
    "</script><script>document.title = 'owned'</script>",
    "<!--<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    "@@SCRIPT@@ @@DATA@@",
    "\u2028\u2029\x00 😀 {{}} ${1} `",
)


@pytest.fixture
def page(tmp_path: Path, settings: Settings) -> Path:
    """A report on problems, answers and texts that all try to break out."""
    rows = tmp_path / "evil.jsonl"
    lines = [
        json.dumps({"id": attack, "problem": f"What is 1 + 1? {attack}", "answer": "2"})
        for attack in ATTACKS
    ]
    rows.write_text("\n".join(lines))
    half = "\ud83d"  # no UTF-8 can hold it
    replies = [f"{half}{attack}\n\\boxed{{{attack}}}" for attack in ATTACKS]
    run = run_of(str(rows), settings, k=2, role=("math", "none"))
    measured(run, ScriptedEngine(replies), tmp_path / "run")
    return tmp_path / "run" / folder.REPORT


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_only_our_own_elements(page: Path) -> None:
    tags = Tags()
    tags.feed(page.read_text("utf-8"))
    names = [tag for tag, _ in tags.found]
    assert names == [
        "html", "head", "meta", "meta", "meta", "title", "style", "body", "main", "noscript",
        "script", "script",
    ]  # fmt: skip
    for _, attributes in tags.found:
        assert not {"src", "href", "onerror", "onload"} & set(attributes)


def test_the_policy_allows_one_script_by_its_hash(page: Path) -> None:
    text = page.read_text("utf-8")
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text
    assert "innerHTML" not in script
    assert "http" not in script.replace("http://www.w3.org/2000/svg", "")


def test_the_data_are_what_was_written(page: Path) -> None:
    text = page.read_text("utf-8")
    data = json.loads(re.findall(r'id="data">(.*?)</script>', text, re.DOTALL)[0])
    assert {problem["id"] for problem in data["problems"]} == set(ATTACKS)
    texts = {row[3] for cell in data["attempts"] for rows in cell.values() for row in rows}
    assert all(any(attack in text for text in texts) for attack in ATTACKS)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no browser on this machine")
def test_a_browser_draws_it_and_runs_nothing_else(page: Path) -> None:
    drawn = _dom(page)
    assert "owned" not in re.findall(r"<title>(.*?)</title>", drawn)[0]
    assert drawn.count('class="square"') == 2 * len(ATTACKS)
    assert "<svg" in drawn
    assert "&lt;img src=x onerror=" in drawn


def _dom(page: Path) -> str:
    words = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
        f"--user-data-dir={page.parent / 'browser'}", page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(words, capture_output=True, text=True, timeout=240, check=True).stdout


@pytest.mark.parametrize("room", [30, 1000])
def test_long_texts_lose_their_middle_and_say_so(room: int) -> None:
    text = "a" * 50 + "b" * 900 + "c" * 50
    short = shortened(text, room)
    assert short.startswith("aaa")
    assert short.endswith("ccc")
    assert (short == text) == (room == 1000)
    assert room == 1000 or f"[… {1000 - room} …]" in short
