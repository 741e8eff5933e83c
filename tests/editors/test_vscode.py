"""The extension: its own checks, its package, and VS Code itself, driven in Chromium."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from editors.workbench import EXTENSION, Workbench, serving
from lemmata.engines.base import Engine
from lemmata.models.stored import StoredModel
from lemmata.verify.sandbox import level
from scripted import ScriptedEngine
from served import Running, running
from web.asking import photograph

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(level().rung == "none", reason="no sandbox on this machine"),
]
PATIENCE = 300_000
UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")
FILE = '''from words import TWO


def twice(x: int) -> int:
    """Twice x.

    >>> twice(4)
    8
    """
    # TODO: double it; twice(0) == 0
    raise NotImplementedError
'''
RIGHT = "Add it to itself, O(1).\n```python\nreturn TWO * x\n```"
WRONG = "Square it.\n```python\nreturn x ** 2\n```"
DONE = FILE.replace(
    "    # TODO: double it; twice(0) == 0\n    raise NotImplementedError\n", "    return TWO * x\n"
)
GCD = "def gcd(a, b):\n    while a % b:\n        a, b = b, a % b\n    return b\n"
PROOF = "# 12 * 12 = 144\n# so 144 + 1 = 146\n# and that is all\n"
SPREAD = '''def spread(values: list[int]) -> int:
    """The largest value minus the smallest.

    >>> spread([3, 1, 8])
    7
    >>> spread([4])
    0
    """
    # TODO: return max(values) - min(values)
    raise NotImplementedError
'''
TOTAL = '''def total(values: list[int]) -> int:
    """
    >>> total([3, 1, 8])
    12
    """
    # 待办：求列表中所有数之和；total([]) == 0
    raise NotImplementedError
'''
FILES = {"twice.py": FILE, "words.py": "TWO = 2\n", "gcd.py": GCD, "proof.py": PROOF}
REAL = {"spread.py": SPREAD, "total.py": TOTAL}


def npm(*words: str) -> str:
    done = _npm(*words)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def _npm(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["npm", *words], cwd=EXTENSION, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def built() -> Path:
    """The extension with its tools, pinned by package-lock.json, and packaged."""
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed: sudo apt install nodejs npm")
    done = _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    if done.returncode and any(code in done.stderr for code in UNREACHABLE):
        pytest.skip(f"npm cannot reach its registry: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    npm("run", "package")
    return EXTENSION


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if found is None:
        pytest.skip("Chromium is not installed: sudo apt install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Editor:
    """VS Code in a page, as a person uses it. `requests` are those to anywhere but the page's own
    server."""

    def __init__(self, page: Page, bench: Workbench, server: Running) -> None:
        self.page, self.bench, self.server = page, bench, server
        self.requests: list[str] = []
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        own = (f"lemmata.localhost:{self.bench.port}/", "blob:", "data:")
        if not any(part in url for part in own):
            self.requests.append(url)

    def open(self, name: str, words: str) -> None:
        """Open a file of the folder and put the cursor on a line that has these words."""
        if not self.page.get_by_role("treeitem", name=name).first.is_visible():
            self.page.keyboard.press("Control+Shift+e")
        self.page.get_by_role("treeitem", name=name).first.dblclick()
        self.page.locator(".view-line", has_text=words).first.click()

    def command(self, title: str) -> None:
        self.page.keyboard.press("F1")
        self.page.keyboard.type(title)
        self.page.get_by_role("option", name=title).first.click()

    @property
    def side(self) -> Locator:
        """The side view: a page in a frame in a frame."""
        outer = self.page.frame_locator("iframe.webview.ready")
        return outer.frame_locator("#active-frame").locator("body")

    def tab(self, words: str) -> Locator:
        return self.page.locator(".tab.active", has_text=words)

    def text(self, name: str) -> str:
        """What the file is once it is saved."""
        self.bench.saved.pop(name, None)
        self.page.keyboard.press("Control+s")
        wait_until(self.page, lambda: name in self.bench.saved)
        return self.bench.saved[name]


def wait_until(page: Page, met: Callable[[], bool]) -> None:
    for _ in range(PATIENCE // 100):
        if met():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come about")


@pytest.fixture
def vscode(browser: Browser, built: Path, tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    with contextlib.ExitStack() as stack:

        def start(
            replies: list[str] | Engine,
            delay: float = 0.0,
            files: dict[str, str] = FILES,
            **settings: Any,
        ) -> Editor:
            engine = replies if not isinstance(replies, list) else ScriptedEngine(replies, delay)
            bench = stack.enter_context(serving(Workbench(dict(files), {})))
            server = stack.enter_context(running(engine, tmp_path, origins=[bench.origin]))
            own = {"lemmata.url": server.url, "lemmata.candidates": 3}
            bench.settings.update(own | settings)
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            editor = Editor(page, bench, server)
            page.goto(bench.origin)
            page.get_by_role("treeitem", name=next(iter(files))).first.wait_for()
            return editor

        expect.set_options(timeout=PATIENCE)
        yield start


def test_its_own_checks_and_tests_pass(built: Path) -> None:
    npm("run", "check")
    assert "passed" in npm("test")


def test_the_package_holds_what_is_needed_and_no_more(built: Path) -> None:
    with zipfile.ZipFile(built / "dist" / "lemmata.vsix") as package:
        names = set(package.namelist())
        manifest = json.loads(package.read("extension/package.json"))
    assert {"extension/dist/extension.js", "extension/package.nls.zh-cn.json"} <= names
    assert not any("node_modules" in name or name.endswith(".ts") for name in names)
    assert manifest["browser"] == manifest["main"] == "./dist/extension.js"


def test_a_todo_becomes_a_diff_and_its_request_is_logged(vscode: Callable[..., Editor]) -> None:
    editor = vscode([RIGHT, WRONG, "No code."])
    editor.open("twice.py", "TODO")
    editor.page.keyboard.press("Control+Alt+l")
    expect(editor.tab("1 of 2: 2/2 examples pass")).to_be_visible()
    expect(editor.tab("Add it to itself, O(1).")).to_be_visible()
    expect(editor.side).to_contain_text("1 of 3 candidates do this")
    expect(editor.side).to_contain_text("example 1: WA returned 16, expected 8")
    editor.page.keyboard.press("Control+Alt+n")
    expect(editor.tab("2 of 2: 1/2 examples pass")).to_be_visible()
    editor.side.get_by_role("button", name="Next").click()
    expect(editor.tab("1 of 2: 2/2 examples pass")).to_be_visible()
    editor.side.get_by_role("button", name="Accept").click()
    expect(editor.tab("twice.py")).to_be_visible()
    assert editor.text("twice.py") == DONE
    assert set(editor.requests) == {f"{editor.server.url}/api/complete"}
    editor.page.keyboard.press("Control+z")
    assert editor.text("twice.py") == FILE
    editor.page.keyboard.press("Control+Alt+l")
    expect(editor.tab("2/2 examples pass")).to_be_visible()
    editor.page.keyboard.press("Control+Alt+Backspace")
    expect(editor.tab("twice.py")).to_be_visible()
    assert editor.text("twice.py") == FILE
    editor.command("Lemmata: Show the Log of Requests")
    log = editor.page.locator(".output-view")
    expect(log).to_contain_text(f"POST {editor.server.url}/api/complete")
    expect(log).to_contain_text(f"200 from {editor.server.url}/api/complete")


def test_another_machine_is_not_spoken_to(vscode: Callable[..., Editor]) -> None:
    editor = vscode([RIGHT], **{"lemmata.url": "http://gpu-box.example:8080"})
    editor.open("twice.py", "TODO")
    editor.page.keyboard.press("Control+Alt+l")
    said = "gpu-box.example is not this machine, and nothing was sent"
    expect(editor.page.locator(".notification-toast", has_text=said).first).to_be_visible()
    assert editor.requests == []


def test_answer_now_ends_the_thoughts_with_code(vscode: Callable[..., Editor]) -> None:
    thoughts = "<think>" + "".join(f"Perhaps {n}. " for n in range(3000))
    code = "return TWO * x\n```"
    editor = vscode([thoughts, code], 0.005, **{"lemmata.candidates": 1})
    editor.open("twice.py", "TODO")
    editor.page.keyboard.press("Control+Alt+l")
    expect(editor.side).to_contain_text("Perhaps 3.")
    editor.side.get_by_role("button", name="Answer now").click()
    expect(editor.tab("2/2 examples pass")).to_be_visible()
    assert f"{editor.server.url}/api/solve/" in editor.requests[1]


def test_what_was_stopped_is_gone_on_with(vscode: Callable[..., Editor]) -> None:
    thoughts = "<think>" + "".join(f"Perhaps {n}. " for n in range(3000))
    editor = vscode([thoughts, "</think>" + RIGHT], 0.005, **{"lemmata.candidates": 1})
    editor.open("twice.py", "TODO")
    editor.page.keyboard.press("Control+Alt+l")
    expect(editor.side).to_contain_text("Perhaps 3.")
    editor.side.get_by_role("button", name="Stop").click()
    expect(editor.side).to_contain_text("stopped: ")
    editor.page.locator(".view-line", has_text="TODO").first.click()
    editor.page.keyboard.press("Control+Alt+l")
    expect(editor.side).to_contain_text("going on with")
    expect(editor.tab("2/2 examples pass")).to_be_visible()


def test_the_first_failing_step_and_a_graded_file(vscode: Callable[..., Editor]) -> None:
    editor = vscode([RIGHT])
    editor.open("proof.py", "12 * 12")
    editor.command("Lemmata: Explain the First Failing Step")
    empty = editor.page.locator(".notification-toast", has_text="Select a derivation first.")
    expect(empty.first).to_be_visible()
    editor.page.locator(".view-line", has_text="12 * 12").first.click()
    editor.page.keyboard.press("Control+a")
    editor.command("Lemmata: Explain the First Failing Step")
    toast = editor.page.locator(".notification-toast", has_text="is wrong: ")
    expect(toast.first).to_contain_text("145")
    expect(editor.page.locator(".squiggly-error").first).to_be_visible()
    editor.open("gcd.py", "def gcd")
    editor.command("Lemmata: Grade This File Against an Exercise")
    editor.page.get_by_placeholder("The exercise that this file answers").wait_for()
    editor.page.keyboard.type("gcd")
    editor.page.get_by_role("option", name="gcd").first.click()
    said = editor.page.locator(".notification-toast", has_text="tests pass")
    expect(said.first).to_be_visible()
    expect(editor.page.locator(".squiggly-warning").first).to_be_visible()
    editor.command("Notifications: Clear All Notifications")
    editor.page.locator(".view-line", has_text="def gcd").first.click()
    editor.page.keyboard.press("F8")
    expect(editor.page.locator(".marker-widget")).to_contain_text("gcd(")
    photograph(editor.page, "editor-grade")


def test_without_a_server_it_says_how_to_start_one(vscode: Callable[..., Editor]) -> None:
    editor = vscode([RIGHT], **{"lemmata.url": "http://127.0.0.1:9"})
    editor.open("twice.py", "TODO")
    editor.page.keyboard.press("Control+Alt+l")
    said = "no Lemmata server answers at http://127.0.0.1:9; start it with: lemmata serve"
    expect(editor.page.locator(".notification-toast", has_text=said).first).to_be_visible()
    editor.page.keyboard.press("Escape")
    assert editor.text("twice.py") == FILE


@pytest.mark.model
def test_with_the_default_model(
    vscode: Callable[..., Editor], default_model: StoredModel, tmp_path: Path
) -> None:
    """Whatever so small a model writes, what the editor shows of it was run."""
    from lemmata.engines.llama import LlamaEngine, Options

    options = Options(threads=2, cells=8192)
    engine = LlamaEngine(default_model.gguf, "m", default_model.id, tmp_path, options)
    try:
        brief = {"lemmata.budgetTokens": 1200, "lemmata.budgetSeconds": 60}
        editor = vscode(engine, files=REAL, **brief, **{"lemmata.candidates": 4})
        for name in REAL:
            editor.open(name, "raise NotImplementedError")
            editor.page.keyboard.press("ArrowUp")
            editor.page.keyboard.press("Control+Alt+l")
            expect(editor.side).to_contain_text("Candidate 1")
            photograph(editor.page, f"editor-{name.removesuffix('.py')}-working")
            diff = editor.page.locator(".tab.active", has_text="examples pass")
            none = editor.page.locator(".notification-toast", has_text="No candidate fits")
            expect(diff.or_(none).first).to_be_visible()
            if diff.count():
                right = editor.page.locator(".modified-in-monaco-diff-editor .view-line")
                expect(right.first).to_be_visible()
            photograph(editor.page, f"editor-{name.removesuffix('.py')}")
            if diff.count():
                editor.command("Lemmata: Reject")
            else:
                editor.page.keyboard.press("Escape")
    finally:
        # Not here: the browser's event loop runs in this thread.
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(lambda: asyncio.run(engine.close())).result()
