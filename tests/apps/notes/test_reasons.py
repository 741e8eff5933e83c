"""Reasons in Chinese: every kind that a checker gives is known, values pass through untouched."""

from __future__ import annotations

import re

import pytest

from lemmata.apps.notes.reasons import said
from lemmata.types import Step
from lemmata.verify import verify_steps

WRONG = [
    "2 + 2 = 5.",
    "3 > 4.",
    "x + 1 = x + 2.",
    "7 is even.",
    "2x = 6. Then 2x + 1 = 9.",
    "x^2 = 9. Hence x = 4.",
    "10 \\equiv 2 \\pmod{3}.",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_step_is_told_in_chinese(text: str) -> None:
    wrong: Step = next(step for step in verify_steps(text).steps if step.state == "fails")
    told = said(wrong.reason, "zh")
    assert told != wrong.reason
    assert re.search("[一-鿿]", told)
    assert not re.search(r"(?<![A-Za-z\\\\])(?:the|is|not|that|this|does|gives)(?![A-Za-z])",
                         re.sub(re.escape(text.split(".")[0]), "", told))  # fmt: skip
    assert said(wrong.reason, "en") == wrong.reason


def test_an_error_of_a_program_stays_as_it_is() -> None:
    assert (
        said("ZeroDivisionError: division by zero", "zh") == "ZeroDivisionError: division by zero"
    )
    assert said("example 2: RE IndexError", "zh") == "示例 2：RE IndexError"
    assert said("returned 3, expected 4", "zh") == "返回 3，应为 4"
