"""Sums with dots: the rule is beyond doubt, or the sum is refused."""

from __future__ import annotations

import pytest

from lemmata.apps.conjecture.formalise.formula import read
from lemmata.apps.conjecture.formalise.signs import NotAFormula
from lemmata.apps.conjecture.language.write import write

NAMES = frozenset({"n"})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1 + 2 + ... + n", "sum(k in 1..n: k)"),
        (r"1 + 2 + \ldots + n", "sum(k in 1..n: k)"),
        (r"1 + 2 + \cdots + n", "sum(k in 1..n: k)"),
        ("1+2+…+n", "sum(k in 1..n: k)"),
        ("0 + 1 + ... + n", "sum(k in 0..n: k)"),
        ("2 + 4 + ... + 2n", "sum(k in 1..n: 2 * k)"),
        ("1 + 3 + 5 + ... + 2n - 1", "sum(k in 1..n: 2 * k - 1)"),
        ("1 + 3 + ... + (2n - 1) + 7", "sum(k in 1..n: 2 * k - 1) + 7"),
        ("1^2 + 2^2 + ... + n^2", "sum(k in 1..n: k^2)"),
        ("1 + 4 + 9 + ... + n^2", "sum(k in 1..n: k^2)"),
        ("1 + 1/2 + ... + 1/n", "sum(k in 1..n: 1 / k)"),
        ("1 + 2 + 4 + ... + 2^n", "sum(k in 0..n: 2^k)"),
        ("1 * 2 + 2 * 3 + ... + n(n+1)", "sum(k in 1..n: k * (k + 1))"),
        ("(1 + 2 + ... + n)^2", "sum(k in 1..n: k)^2"),
    ],
)
def test_the_last_term_is_the_rule(text: str, rule: str) -> None:
    assert write(read(text, NAMES)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "1 + ... + n", "1 + 2 + ... + n - 1", "1 + 2 + ... + n + 1", "1 + 2 + ... + 2^n",
        "1 + 4 + ... + 2^n", "1 - 2 + ... + n", "1 + 2 + ... + 100", "3 + 7 + ... + n^2",
        "1 + 2 + ...", "... + n", "1 + 2 ... n", "1 + + n",
    ],
)  # fmt: skip
def test_what_the_dots_leave_open_is_refused(text: str) -> None:
    with pytest.raises(NotAFormula):
        read(text, NAMES)
