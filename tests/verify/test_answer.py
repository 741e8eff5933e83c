"""Where the final answer of a text is found."""

from __future__ import annotations

import time

import pytest

from lemmata.verify import answer

CASES = [
    ("So \\boxed{66}.", "66", "boxed"),
    ("\\boxed{1} and then \\boxed{2}", "2", "boxed"),
    ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "boxed"),
    ("\\boxed{\\frac{\\sqrt{3}}{2}} done", "\\frac{\\sqrt{3}}{2}", "boxed"),
    ("\\boxed{\\{1, 2\\}}", "\\{1, 2\\}", "boxed"),
    ("\\fbox{66}", "66", "boxed"),
    ("\\boxed 66", "66", "boxed"),
    ("\\boxed{66} but \\boxed{67", "66", "boxed"),
    ("\\boxed{\\boxed{66}}", "66", "boxed"),
    ("$\\boxed{x = 5}$", "x = 5", "boxed"),
    ("step\n#### 66", "66", "marked"),
    ("a\n#### 66\nb\n#### 1,234", "1,234", "marked"),
    ("The answer is 66.", "66", "announced"),
    ("the final answer is: $\\frac12$.", "\\frac12", "announced"),
    ("Answer: 3.14", "3.14", "announced"),
    ("**Answer:** 66", "66", "announced"),
    ("The answer is 5.\nNo, the answer is 6.", "6", "announced"),
    ("答案：66", "66", "announced"),
    ("所以答案是66。", "66", "announced"),
    ("因此，最终答案为 $\\frac{1}{2}$。", "\\frac{1}{2}", "announced"),
    ("正确答案是 A", "A", "announced"),
    ("First we add.\nThen 12 + 54 = 66", "66", "last line"),
    ("There are 3 boxes.\nShe has 18 dollars left.", "18", "last line"),
    ("<think>\\boxed{1}</think> The answer is 2.", "2", "announced"),
    ("<think>\\boxed{1}</think> Well.", "1", "boxed"),
    ("We add them.\nTwenty-one", "Twenty-one", "last line"),
    ("We divide by zero.\nNo solution.", "No solution", "last line"),
    ("12 + 54 = 66\nI hope that helps!", "12 + 54 = 66", "last line"),
    ("$\\text{Answer: } 7$", "7", "announced"),
]


@pytest.mark.parametrize(("text", "expected", "where"), CASES)
def test_the_answer_is_found(text: str, expected: str, where: str) -> None:
    found = answer.extract(text)
    assert found is not None
    assert (found.text, found.where) == (expected, where)


@pytest.mark.parametrize(("text", "expected", "where"), CASES)
def test_the_span_holds_the_answer(text: str, expected: str, where: str) -> None:
    found = answer.extract(text)
    assert found is not None
    assert expected in text[found.start : found.end]


def test_a_box_beats_what_stands_after_it() -> None:
    found = answer.extract("We get \\boxed{66}.\nThe answer is 5 more than 61.")
    assert found is not None
    assert found.text == "66"


@pytest.mark.parametrize(
    "text",
    [
        "no idea",
        "I have no idea",
        "Well.",
        "Let us see",
        "...",
        "---",
        "不知道",
        "it depends",
        "**",
    ],
)
def test_words_without_mathematics_are_no_answer(text: str) -> None:
    assert answer.extract(text) is None


@pytest.mark.parametrize("text", ["", "   \n ", "\\boxed{}", "\\boxed{"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    found = answer.extract(text)
    assert found is None or found.where == "last line"


LONG = (
    "\\boxed{" * 100_000,
    "{" * 300_000,
    "}" * 300_000,
    "the answer is " * 50_000,
    "答案是" * 50_000,
    "#### \n" * 50_000,
    "\n" * 500_000,
    "<think>" * 50_000,
    "$" * 200_000,
    "\\" * 200_000,
)


@pytest.mark.parametrize("text", LONG, ids=lambda text: repr(text[:8]))
def test_extraction_is_linear(text: str) -> None:
    start = time.monotonic()
    answer.extract(text)
    assert time.monotonic() - start < 5
