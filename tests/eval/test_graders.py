"""What an answer is worth: by value, by running it, by a package's own scorer."""

from __future__ import annotations

import pytest

from lemmata.eval.graders import base, find
from lemmata.eval.graders.code import CodeGrader, program_of
from lemmata.eval.graders.math import MathGrader
from lemmata.eval.item import Item
from lemmata.eval.sources import _family, _gym, _humaneval

SUM = Item("1", "1", "1", "en", "What is 1/4 + 1/4?", "1/2")


@pytest.mark.parametrize(
    ("text", "finished", "state", "answer"),
    [
        ("1/4 + 1/4 = 1/2\n\\boxed{0.5}", True, "correct", "0.5"),
        ("<think>is it 3? no</think>So \\boxed{\\frac{2}{4}}", True, "correct", "\\frac{2}{4}"),
        ("is it 3? no</think>So \\boxed{1/2}", True, "correct", "1/2"),
        ("So \\boxed{0.6}", True, "incorrect", "0.6"),
        ("The sum of the two is 1/2", True, "correct", "1/2"),
        ("The sum of the two is 1/2", False, "incorrect", None),
        ("", True, "incorrect", None),
    ],
)
def test_mathematics(text: str, finished: bool, state: str, answer: str | None) -> None:
    found = MathGrader().grade(SUM, text, finished)
    assert (found.state, found.answer) == (state, answer)


def test_steps_are_counted() -> None:
    found = MathGrader().grade(SUM, "1/4 = 0.25\n2 + 2 = 5\n\\boxed{1/2}", True)
    assert (found.checked, found.wrong) == (2, 1)
    assert "2 + 2" in found.first_wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("and so on " * 40, True),
        ("一共有六个。" * 60, True),
        ("0" * 300, True),
        ("A derivation. " + " ".join(f"step {n} follows" for n in range(60)), False),
        ("no no no", False),
        ("", False),
    ],
)
def test_loops(text: str, expected: bool) -> None:
    assert base.loops(text) is expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh", "所以一共有六个解，答案是 6。", True),
        ("zh", "So there are six solutions in all, and the answer is 6.", False),
        ("en", "所以一共有六个解，答案是 6。", False),
        ("zh", "C(4,2) = 6\n\\boxed{6}", True),
    ],
)
def test_the_language_of_the_answer(language: str, text: str, expected: bool) -> None:
    item = Item("1", "1", "1", language, "?", "6")  # type: ignore[arg-type]
    assert base.in_language(item, text) is expected


def test_programs_run_on_their_tests() -> None:
    grader, item = CodeGrader(), next(_humaneval())
    body = item.gold.split('"""\n')[-1].removesuffix("```")
    assert grader.grade(item, f"Here:\n{item.gold}", True).state == "correct"
    assert grader.grade(item, f"```python\n{body}```", True).state == "correct"
    wrong = grader.grade(item, item.gold.replace("return True", "return False"), True)
    assert (wrong.state, wrong.reason[:2]) == ("incorrect", "WA")
    assert grader.grade(item, "I cannot.", True).reason == "no program"
    assert grader.same(item, "a", "a") is None


def test_a_test_that_calls_a_helper_of_the_head() -> None:
    """HumanEval/32: its test evaluates the given polynomial at the answer."""
    item = next(item for item in _humaneval() if item.id == "HumanEval/32")
    assert "poly(" in item.extra["code"]
    assert CodeGrader().fault_of_gold(item) == ""


def test_a_program_that_tries_to_cheat() -> None:
    item = next(_humaneval())
    cheat = "```python\nimport sys\ndef has_close_elements(n, t):\n    sys.exit(0)\n```"
    assert CodeGrader().grade(item, cheat, True).state == "incorrect"


def test_a_family_of_programs() -> None:
    item = next(iter(_family("dp-stairs:1")))
    assert item.extra["tests"]
    assert program_of(item, "```python\nprint(1)\n```") == "print(1)\n"
    assert CodeGrader().grade(item, "```python\nprint(1)\n```", True).state == "incorrect"


def test_the_packages_own_scorer() -> None:
    grader = find("gym")
    for item in _gym("chain_sum,gcd:2"):
        assert grader.fault_of_gold(item) == ""
        assert grader.grade(item, f"So <answer>{item.gold}</answer>", True).state == "correct"
        assert grader.grade(item, f"\\boxed{{{item.gold}}}", True).state == "correct"
        assert grader.grade(item, "\\boxed{-123456}", True).state == "incorrect"
        assert grader.grade(item, "", True).state == "incorrect"
