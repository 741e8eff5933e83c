"""The values that formulas and words are made of most often."""

from __future__ import annotations

from fractions import Fraction

from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Name,
    Negate,
    Node,
    Number,
    Operate,
)

ONE, ZERO, TWO = Number(Fraction(1)), Number(Fraction(0)), Number(Fraction(2))


def number(value: int) -> Number:
    return Number(Fraction(value))


def congruent(modulus: Node, left: Node, right: Node) -> Node:
    """The modulus divides the difference."""
    match right:
        case Number(value) if value == 0:
            difference = left
        case Negate(Number() as positive):
            difference = Operate("+", left, positive)
        case _:
            difference = Operate("-", left, right)
    return Call("divides", (modulus, difference))


def harmonic(n: Node) -> Node:
    """1 + 1/2 + … + 1/n."""
    return Bind("sum", "k", ONE, n, Operate("/", ONE, Name("k")))
