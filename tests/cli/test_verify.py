from __future__ import annotations

import json
from collections.abc import Callable
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
