"""`lemmata complete` against a server that answers what a test prescribes."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
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
    with contextlib.ExitStack() as stack:

        def serve(*replies: str, delay: float = 0.0) -> str:
            engine = ScriptedEngine(list(replies), delay)
            return stack.enter_context(running(engine, tmp_path)).url + "/v1"

        yield serve


def test_a_diff_on_stdout_and_what_is_known_of_it_on_stderr(
    lemmata: Run, place: Path, url: Callable[..., str]
) -> None:
    asked = url(RIGHT, WRONG, RIGHT)
    done = lemmata("complete", "twice.py", "--candidates", "3", "--url", asked, cwd=place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("--- a/twice.py\n+++ b/twice.py\n")
    assert done.stdout.endswith("-    # TODO: 2n; twice(4) == 8\n+    return TWO * n\n")
    assert "1. Add it to itself, O(1)." in done.stderr
    known = "1/1 examples pass; 12/12 generated inputs end well; O(1) measured by steps"
    assert known in done.stderr
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


def test_ctrl_c_loses_nothing(
    lemmata: Run, environment: dict[str, str], place: Path, url: Callable[..., str]
) -> None:
    asked = url(RIGHT, "Hm. " * 4000, delay=0.001)
    words = ("complete", "twice.py", "--candidates", "2", "--seed", "1", "--url", asked)
    process = subprocess.Popen(
        [sys.executable, "-m", "lemmata", *words],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "1/1 examples, 12/12 inputs" in first
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    again = re.search(r"lemmata (complete twice.py --resume [0-9a-f]{12})", said)
    assert again is not None, said
    (place / "twice.py").write_text(TWICE + "x = 1\n")
    changed = lemmata(*again[1].split(), cwd=place)
    assert (changed.returncode, "has changed since" in changed.stderr) == (2, True)
    (place / "twice.py").write_text(TWICE)
    done = lemmata(*again[1].split(), cwd=place)
    assert done.returncode == 0, done.stderr
    assert "+    return TWO * n" in done.stdout


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
