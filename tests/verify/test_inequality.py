"""Inequalities in one name: solved exactly, and equal to every way of writing their solution."""

from __future__ import annotations

import pytest

from lemmata.verify import inequality, verify_math
from lemmata.verify.realset import compare_ends
from lemmata.verify.structure import read

EQUAL = [
    ("x^2<4", "-2<x<2"),
    ("x^2<4", "(-2,2)"),
    ("x^2>4", "x<-2 or x>2"),
    (r"x^2\ge 4", r"(-\infty,-2]\cup[2,\infty)"),
    (r"\frac{x-1}{x+2}>0", "x<-2 or x>1"),
    (r"\frac{x-1}{x+2}\ge 0", r"(-\infty,-2)\cup[1,\infty)"),
    (r"\frac{x^2-x}{x}<0", r"(-\infty,0)\cup(0,1)"),
    ("x^2<2", r"-\sqrt2<x<\sqrt2"),
    ("x^2-x-1<0", r"(\frac{1-\sqrt5}{2},\frac{1+\sqrt5}{2})"),
    ("x^3<2", r"x<\sqrt[3]{2}"),
    ("x^2+1>0", r"\mathbb{R}"),
    ("x^4+x^2+1<0", r"\emptyset"),
    (r"x^2\le 0", "x=0"),
    ("x^2>0", r"x\ne 0"),
    ("(x-1)^2(x-2)<0", r"(-\infty,1)\cup(1,2)"),
    ("1/x>2", "0<x<1/2"),
    ("|x^2-3|<1", r"(-2,-\sqrt2)\cup(\sqrt2,2)"),
    (r"\{x|x^2-5x+6\le 0\}", "[2,3]"),
    ("x(x-1)(x-2)>0", "(0,1)∪(2,∞)"),
    ("x/x>0", r"x\ne 0"),
    ("x^4>16", "|x|>2"),
    ("4x^2<9", "-1.5<x<1.5"),
]
DIFFERENT = [
    ("x^2<=4", "(-2,2)"),
    ("x^2<4", "x<2"),
    ("x^2<4", "[-2,2]"),
    ("1/x<1", "x>1"),
    (r"\frac{x^2-x}{x}<0", "x<1"),
    ("x^2<2", "-1.414<x<1.414"),
    ("x^3<8", "-2<x<2"),
]


@pytest.mark.parametrize(("answer", "gold"), EQUAL)
def test_an_inequality_is_its_solution(answer: str, gold: str) -> None:
    assert verify_math(answer, gold).state == "correct"
    assert verify_math(gold, answer).state == "correct"


@pytest.mark.parametrize(("answer", "gold"), DIFFERENT)
def test_an_inequality_is_nothing_else(answer: str, gold: str) -> None:
    assert verify_math(answer, gold).state == "incorrect"
    assert verify_math(gold, answer).state == "incorrect"


@pytest.mark.parametrize("text", ["x^5-x-1", "x^{100}-1", "\\sqrt{x}", "2^x", "xy", "(x^{20}-1)^9"])
def test_what_has_no_short_roots_is_left_alone(text: str) -> None:
    with pytest.raises(inequality.NotSolved):
        inequality.signs(read(text), "x", compare_ends)
