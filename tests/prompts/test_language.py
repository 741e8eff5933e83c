"""Language detection on the mixes that users really write."""

import pytest

from lemmata.prompts import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Find the number of solutions to x + y = 10.", "en"),
        ("求方程 x + y + z = 10 的非负整数解的个数。", "zh"),
        (r"求 $\binom{12}{2}$ 的值", "zh"),
        (r"\frac{1}{2} + \sqrt{3}", "en"),
        ("用 Python 写一个 quicksort 函数，并说明时间复杂度", "zh"),
        ("Explain the word 数学 in one sentence please", "en"),
        ("", "en"),
    ],
)
def test_detect(text, expected):
    assert language.detect(text) == expected
