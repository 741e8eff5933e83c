"""Following a derivation finds what reading it whole finds."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from lemmata.verify import verify_steps
from lemmata.verify.following import Follower


def rows() -> list[tuple[str, str]]:
    """GSM8K solutions as they are, and with a number changed."""
    text = (resources.files("lemmata.eval.benchmarks") / "extracts/gsm8k.jsonl").read_text("utf-8")
    given = [json.loads(line) for line in text.splitlines()][:12]
    right = [(row["question"], row["answer"].replace("####", "So the answer is")) for row in given]
    return right + [(problem, answer.replace("=", "=1", 2)) for problem, answer in right]


@pytest.mark.parametrize(("problem", "answer"), rows())
def test_as_the_whole_would(problem: str, answer: str) -> None:
    follower = Follower(problem)
    for end in range(0, len(answer), 7):
        follower.wrong(answer[:end])
    last = "\nThat is all."
    report = verify_steps(answer + last, problem)
    expected = None if report.first_wrong is None else report.steps[report.first_wrong]
    assert follower.wrong(answer + last) == expected


def test_a_step_is_left_alone_until_its_line_has_ended() -> None:
    follower = Follower()
    assert follower.wrong("x = 2 + 3\n") is None
    assert follower.wrong("x = 2 + 3\n= 6") is None
    found = follower.wrong("x = 2 + 3\n= 6\n")
    assert found is not None
    assert "5" in found.reason


def test_another_text_is_read_anew() -> None:
    follower = Follower()
    assert follower.wrong("1 + 1 = 3\nso") is not None
    assert follower.wrong("1 + 1 = 2\nso") is None
