"""Proves that an expression in radicals and in cosines of rational angles is nought.

If a real algebraic expression E is not nought, |E| is at least 1 / (u(E)^(D-1) · l(E)), where D is
the product of the degrees of its radicals and u, l follow the rules below (Burnikel, Funke,
Mehlhorn, Schirra, Schmitt: "A separation bound for real algebraic expressions", ESA 2001). So an
enclosure that is smaller than the bound and contains nought proves equality.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm, log2, prod

from flint import arb

from lemmata.verify import normalform
from lemmata.verify.exact import NotExact, TooCostly
from lemmata.verify.expression import Node
from lemmata.verify.interval import Undefined, enclosure

BITS = 60_000
"""The most precision that a proof may ask for."""
LARGEST_DEGREE = 4096
_ANGLES = Node("angles")
"""All cosines together lie in one field; its degree divides the common denominator."""


class NotAlgebraic(Exception):
    """A variable, a logarithm, π outside an angle, or a degree beyond reach."""


@dataclass
class _Bound:
    """log2 u(E) and log2 l(E)."""

    upper: float
    lower: float


def is_zero(node: Node) -> bool | None:
    """True or False, proved; None where the expression is out of reach."""
    try:
        roots: dict[Node, int] = {}
        bound = _bound(node, roots)
        degree = prod(roots.values())
        if degree > LARGEST_DEGREE:
            return None
        digits = (degree - 1) * max(bound.upper, 0.0) + bound.lower + 8
        if digits > BITS:
            return None
        size = abs(enclosure(node, {}, int(digits) + 64))
    except (NotAlgebraic, Undefined, OverflowError):
        return None
    if not size.contains(0):
        return False
    return True if size < arb(2) ** -int(digits) else None


def _bound(node: Node, roots: dict[Node, int]) -> _Bound:
    head, args = node.head, node.args
    if head == "num":
        return _Bound(_log2(abs(node.value.numerator)), _log2(node.value.denominator))
    if head == "neg":
        return _bound(args[0], roots)
    if head == "add":
        total = _bound(args[0], roots)
        for arg in args[1:]:
            other = _bound(arg, roots)
            top = _log2_sum(total.upper + other.lower, total.lower + other.upper)
            total = _Bound(top, total.lower + other.lower)
        return total
    if head == "mul":
        parts = [_bound(arg, roots) for arg in args]
        return _Bound(sum(p.upper for p in parts), sum(p.lower for p in parts))
    if head == "div":
        above, below = (_bound(arg, roots) for arg in args)
        return _Bound(above.upper + below.lower, above.lower + below.upper)
    return _bound_of_power(node, roots)


def _bound_of_power(node: Node, roots: dict[Node, int]) -> _Bound:
    head, args = node.head, node.args
    if head == "root" and args[1].head == "num" and args[1].value > 0:
        return _root(node, args[0], 1 / args[1].value, roots)
    if head == "pow" and args[1].head in ("num", "div", "neg"):
        try:
            exponent = normalform.of(args[1]).constant()
        except (NotExact, TooCostly) as error:
            raise NotAlgebraic from error
        if exponent is None:
            raise NotAlgebraic
        return _root(node, args[0], exponent, roots)
    if head == "call" and node.value in ("sin", "cos"):
        return _cosine(node, roots)
    if head == "call" and node.value == "tan":
        sine, cosine = (_cosine(Node("call", args, name), roots) for name in ("sin", "cos"))
        return _Bound(sine.upper + cosine.lower, sine.lower + cosine.upper)
    raise NotAlgebraic


def _root(node: Node, base: Node, exponent: Fraction, roots: dict[Node, int]) -> _Bound:
    inside = _bound(base, roots)
    if exponent < 0:
        inside, exponent = _Bound(inside.lower, inside.upper), -exponent
    index, power = exponent.denominator, exponent.numerator
    if power > 200:
        raise NotAlgebraic
    inside = _Bound(inside.upper * power, inside.lower * power)
    if index == 1:
        return inside
    roots[node] = index
    if inside.upper >= inside.lower:
        return _Bound((inside.upper + inside.lower * (index - 1)) / index, inside.lower)
    return _Bound(inside.upper, (inside.upper * (index - 1) + inside.lower) / index)


def _cosine(node: Node, roots: dict[Node, int]) -> _Bound:
    """2cos(rπ) is an algebraic integer all of whose conjugates are at most 2 in size."""
    try:
        angle = normalform.of(node.args[0])
    except (NotExact, TooCostly) as error:
        raise NotAlgebraic from error
    term = angle.term()
    if not angle.top:
        return _Bound(1.0, 1.0)
    if term is None or term[1] != (("pi", 1),) or term[0].denominator > 500:
        raise NotAlgebraic
    roots[_ANGLES] = lcm(roots.get(_ANGLES, 1), 2 * term[0].denominator)
    return _Bound(1.0, 1.0)


def _log2(value: int) -> float:
    if value == 0:
        return 0.0
    return log2(value) if value.bit_length() < 1000 else float(value.bit_length())


def _log2_sum(a: float, b: float) -> float:
    """log2(2^a + 2^b), never too small."""
    return max(a, b) + 1.0
