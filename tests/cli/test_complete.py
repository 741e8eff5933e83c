"""`lemmata complete` against a server that answers what a test prescribes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lemmata.verify.sandbox import level
from scripted import ScriptedEngine
from served import running

pytestmark = pytest.mark.skipif(level().rung == "none", reason="no sandbox on this machine")

Run = Callable[..., Any]
TWICE = "from words import TWO\n\ndef twice(n: int) -> int:\n    # TODO: 2n; twice(4) == 8\n"
RIGHT = "Add it to itself, O(1).\n```python\nreturn TWO * n\n```"
WRONG = "Square it.\n```python\nreturn n * n\n```"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "words.py").write_text("TWO = 2\n")
    (tmp_path / "twice.py").write_text(TWICE)
    return tmp_path


@pytest.fixture
def url(tmp_path: Path) -> Iterator[Callable[..., str]]:
    import contextlib

    with contextlib.ExitStack() as stack:
        yield (
            lambda *replies: (
                stack.enter_context(running(ScriptedEngine(list(replies)), tmp_path)).url + "/v1"
            )
        )


def test_a_diff_on_stdout_and_what_is_known_of_it_on_stderr(
    lemmata: Run, place: Path, url: Callable[..., str]
) -> None:
    asked = url(RIGHT, WRONG, RIGHT)
    done = lemmata("complete", "twice.py", "--candidates", "3", "--url", asked, cwd=place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("--- a/twice.py\n+++ b/twice.py\n")
    assert done.stdout.endswith("-    # TODO: 2n; twice(4) == 8\n+    return TWO * n\n")
    assert "1. Add it to itself, O(1)." in done.stderr
    assert "1/1 examples pass; 12/12 generated inputs end well; O(1) measured by bytecodes" in done.stderr
    assert (place / "twice.py").read_text() == TWICE


def test_written_where_it_passes_and_left_where_it_does_not(
    lemmata: Run, place: Path, url: Callable[..., str]
) -> None:
    words = ("complete", "twice.py:4", "--candidates", "1", "--write", "--json", "--url")
    refuted = lemmata(*words, url(WRONG), cwd=place)
    assert refuted.returncode == 1
    assert json.loads(refuted.stdout)["proposals"][0]["verdict"]["state"] == "refuted"
    assert (place / "twice.py").read_text() == TWICE
    done = lemmata(*words, url(RIGHT), cwd=place)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["line"], document["function"]) == (4, "twice")
    assert (place / "twice.py").read_text() == document["proposals"][0]["text"]
    assert document["proposals"][0]["text"].endswith("    return TWO * n\n")


def test_no_code_is_a_no(lemmata: Run, place: Path, url: Callable[..., str]) -> None:
    done = lemmata("complete", "twice.py", "--candidates", "1", "--url", url("Hm."), cwd=place)
    assert (done.returncode, done.stdout) == (1, "")
    assert "left out: it wrote no block of code\nno candidate fits into the file" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.py",), "cannot read nowhere.py: No such file"),
        (("words.py",), "there is no TODO comment in words.py"),
        (("twice.py:1",), "line 1 of twice.py is no TODO comment"),
        (("twice.py", "--function", "thrice"), "no function thrice"),
        (("twice.py", "--resume", "0123456789ab"), "no solve '0123456789ab' to resume"),
        (("twice.py", "--temperature", "0"), "greedy candidates would all be the same"),
    ],
)
def test_what_cannot_be_used(lemmata: Run, place: Path, words: tuple[str, ...], said: str) -> None:
    done = lemmata("complete", *words, "--model", "echo", cwd=place)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
