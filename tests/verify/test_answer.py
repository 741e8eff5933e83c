"""Where the final answer of a text is found."""

from __future__ import annotations

import time

import pytest

from lemmata.verify import answer, verify_math

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


IN_WORDS = [
    ("Thus x = 5 and y = 6.", "(5,6)"),
    ("故选：C。", "C"),
    ("正确选项为C", "C"),
    ("因此选择C选项", "C"),
    ("【答案】C", "C"),
    ("【答案】12\n【解析】由题意得3×4=12", "12"),
    ("答：一共有25个苹果。", "25"),
    ("答：小明还剩12元。", "12"),
    ("答案：（1）5；（2）7", "5, 7"),
    ("The solutions are \\boxed{2} and \\boxed{3}.", "\\{2, 3\\}"),
    ("The answer is 12, because 3*4=12.", "12"),
    ("the answer is not 5 but 6", "6"),
    ("The answer isn't 5. It's 6.", "6"),
    ("The answer is 5. No wait, the answer is 6.", "6"),
    ("It takes 3 hours and 20 minutes.", "200 minutes"),
    ("The answer is 3 hours and 20 minutes.", "200 minutes"),
    ("The answer is minus five", "-5"),
    ("The answer is approximately 3.7", "3.7"),
    ("<answer>\\frac{1}{2}</answer>", "1/2"),
    ("[ANSWER]7[/ANSWER]", "7"),
    ('{"answer": "7"}', "7"),
    ("Yes, it is.", "yes"),
    ("Therefore no solution exists.", "no solution"),
    ("所以方程无解。", "无解"),
    ("The answer is `5`.", "5"),
    ("Answer:\n\\[\n5\n\\]", "5"),
    ("\\boxed{\\text{The answer is } 5}", "5"),
    ("Thus, $f(2) = 7$.", "7"),
    ("So she has 8 left.", "8"),
    ("\\boxed{\\text{At least 5}}", "x \\ge 5"),
    ("\\boxed{\\text{The limit does not exist}}", "The limit does not exist"),
]


@pytest.mark.parametrize(("text", "gold"), IN_WORDS)
def test_an_answer_in_words_is_judged(text: str, gold: str) -> None:
    assert verify_math(text, gold).state == "correct"


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
