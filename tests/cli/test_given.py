"""What a person hands in that is no text: one line each, whichever command reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
BINARY = bytes(range(128, 256))
READERS = (
    ("verify", "steps"),
    ("verify", "code", "--tests", "tests.jsonl"),
    ("tutor", "grade", "sum-of-list"),
    ("conjecture", "--spec"),
)


@pytest.mark.parametrize("words", READERS)
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("none.txt", "No such file"),
        ("folder", "Is a directory"),
        ("bytes.txt", "it is not UTF-8 text"),
    ],
)
def test_what_cannot_be_read(
    lemmata: Run, tmp_path: Path, words: tuple[str, ...], given: str, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes.txt").write_bytes(BINARY)
    (tmp_path / "tests.jsonl").write_text('{"stdin": "", "expected": ""}\n')
    done = lemmata(*words, given, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"lemmata: cannot read {given}: {why}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("solve", "--model", "echo"), ("verify", "steps"), ("tutor", "grade", "sum-of-list"),
        ("conjecture",),
    ],
)  # fmt: skip
def test_bytes_on_stdin(lemmata: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "bytes").write_bytes(BINARY)
    with (tmp_path / "bytes").open() as stdin:
        done = lemmata(*words, "-", stdin=stdin)
    assert done.returncode == 2
    assert done.stderr.startswith("lemmata: cannot read stdin: it is not UTF-8 text")


def test_bytes_in_an_argument(lemmata: Run) -> None:
    done = lemmata("solve", "--model", "echo", "What is \udcff + 1?")
    assert done.returncode == 2
    assert done.stderr.startswith("lemmata: the problem is not UTF-8 text")


@pytest.mark.parametrize("words", [("adapters", "list"), ("keys", "list"), ("pull", "x")])
def test_a_home_that_is_a_file(lemmata: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    done = lemmata(*words, env={"LEMMATA_HOME": str(tmp_path / "file")})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "internal fault" not in done.stderr
