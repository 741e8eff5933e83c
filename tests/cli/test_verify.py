from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("answer", "gold", "state", "code"),
    [
        (r"\frac{1}{2}", "0.5", "correct", 0),
        (r"So it is \boxed{66}.", "66", "correct", 0),
        ("-3", "-3", "correct", 0),
        ("65", "66", "incorrect", 1),
        ("", "66", "undecided", 1),
    ],
)
def test_math(lemmata: Callable[..., Any], answer: str, gold: str, state: str, code: int) -> None:
    done = lemmata("verify", "math", answer, gold, "--json")
    assert json.loads(done.stdout)["state"] == state
    assert done.returncode == code


def test_math_for_people(lemmata: Callable[..., Any]) -> None:
    done = lemmata("verify", "math", "1/2", "0.5")
    assert done.stdout.startswith("correct: ")
    assert done.stderr == ""


def test_steps(lemmata: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "derivation.txt"
    file.write_text("We have 3*4=12. Then 12+5=18.")
    done = lemmata("verify", "steps", str(file))
    assert done.returncode == 1
    holds, fails = done.stdout.splitlines()
    assert holds.startswith("holds")
    assert fails.startswith("fails")
    assert "17" in fails
    good = lemmata("verify", "steps", "-", "--json", input="We have 3*4=12.")
    assert good.returncode == 0
    assert json.loads(good.stdout)["coverage"] == 1.0


TESTS = [
    {"stdin": "2 3", "expected": "5"},
    {"function": "add", "args": [2, 3], "expected": 5},
    {"function": "add", "code": "assert add(2, 3) == 5"},
]
PROGRAM = """
def add(a, b):
    return a {} b

if __name__ == "__main__":
    print(add(*map(int, input().split())))
"""


@pytest.mark.parametrize(("sign", "verdict", "code"), [("+", "AC", 0), ("-", "WA", 1)])
def test_code(
    lemmata: Callable[..., Any], tmp_path: Path, sign: str, verdict: str, code: int
) -> None:
    (tmp_path / "p.py").write_text(PROGRAM.format(sign))
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(test) + "\n" for test in TESTS))
    words = ("verify", "code", str(tmp_path / "p.py"), "--tests", str(tmp_path / "t.jsonl"))
    done = lemmata(*words, "--json")
    assert (json.loads(done.stdout)["verdict"], done.returncode) == (verdict, code)
    assert lemmata(*words).stdout.splitlines()[-1].startswith(f"{verdict}: ")


@pytest.mark.parametrize(
    "words",
    [
        ("steps", "no-such-file"),
        ("code", "no-such-file.py", "--tests", "/dev/null"),
        ("code", "-", "--tests", "no-such-file"),
        ("code", "-", "--tests", "/dev/null", "--time", "-1"),
    ],
)
def test_files_that_cannot_be_read(lemmata: Callable[..., Any], words: tuple[str, ...]) -> None:
    done = lemmata("verify", *words, input="print(1)")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
