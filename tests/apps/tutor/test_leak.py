"""Hints must not contain the solution, in whatever disguise."""

from __future__ import annotations

import pytest

from lemmata.apps.tutor.leak import leaks

REFERENCE = """
def find(numbers, wanted):
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        if numbers[middle] == wanted:
            return middle
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return -1
"""
SUBMISSION = """
def find(numbers, wanted):
    for place in range(len(numbers)):
        if numbers[place] == wanted:
            return place
"""


@pytest.mark.parametrize(
    "hint",
    [
        "Put `middle = (low + high) // 2` inside the loop.",
        "Put `m = (a + b) // 2` inside the loop.",
        "Keep two ends, and while left < right: mid = (left + right) // 2, then compare.",
        "Try this: if xs[m] < target: lo = m + 1, otherwise the other end moves.",
        "```python\nreturn bisect(numbers, wanted)\n```",
        "试试把 `z = (x + y) // 2` 放进循环。",
    ],
)
def test_disguises(hint: str) -> None:
    assert leaks(hint, REFERENCE, SUBMISSION)


@pytest.mark.parametrize(
    "hint",
    [
        "Think about halving the range: how many items are left after ten looks?",
        "Your line `if numbers[place] == wanted:` looks at every item (in the worst case).",
        "Call `find([1, 3, 5], 5)` and keep a table: low, middle, high; then compare (by hand).",
        "想一想：每看一次，剩下的范围（最坏情况下）还有多大？",
        "```python\nfor place in range(len(numbers)):\n```",
    ],
)
def test_honest_hints(hint: str) -> None:
    assert leaks(hint, REFERENCE, SUBMISSION) == ""
