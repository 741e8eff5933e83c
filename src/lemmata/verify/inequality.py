"""Solves p(x)/q(x) < 0 and its like exactly, where p and q have rational coefficients.

Both are split into irreducible factors over the rationals. Linear and quadratic ones and x^n - c
give their roots as exact expressions; others serve only if they have no real root. From +∞
leftwards the sign changes at every root of odd multiplicity. Nothing is cancelled: where a divisor
vanishes there is no value, whatever cancels it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cmp_to_key

from flint import fmpq, fmpq_poly

from lemmata.verify.expression import Node, add, mul, neg, num

DEGREE = 24
BITS = 2000


class NotSolved(Exception):
    """Not a quotient of polynomials in one name, or with roots that have no short expression."""


@dataclass(slots=True)
class Signs:
    """`roots` in order with what happens there: the sign changes, the value is nought, or there is
    no value. `last` is the sign to the right of all roots: 1, -1, or 0 for nought everywhere."""

    roots: list[tuple[Node, bool, bool]] = field(default_factory=list)
    """(root, whether the sign changes, whether there is a value)"""
    last: int = 0


@dataclass(frozen=True, slots=True)
class _Quotient:
    top: fmpq_poly
    bottom: fmpq_poly
    divisors: fmpq_poly
    """The product of all that was divided by on the way."""


def signs(node: Node, name: str, order: Callable[[Node, Node], int]) -> Signs:
    """Where `node`, a function of `name`, is positive, nought and negative. `order` compares two
    constants. Raises NotSolved, and whatever `order` raises."""
    value = _quotient(node, name)
    holes = [root for root, _ in _roots(value.divisors)]
    if not value.top:
        return Signs([(root, False, False) for root in _sorted(holes, order)], 0)
    found: dict[Node, int] = {}
    for root, power in (*_roots(value.top), *_roots(value.bottom)):
        found[root] = found.get(root, 0) + power
    for root in holes:
        found.setdefault(root, 0)
    product = value.top * value.bottom
    return Signs(
        [(root, found[root] % 2 == 1, root not in holes) for root in _sorted([*found], order)],
        1 if product[product.degree()] > 0 else -1,
    )


def _sorted(roots: list[Node], order: Callable[[Node, Node], int]) -> list[Node]:
    return sorted(roots, key=cmp_to_key(order))


def _quotient(node: Node, name: str) -> _Quotient:
    one = fmpq_poly([1])
    head = node.head
    if head == "num":
        return _Quotient(fmpq_poly([_rational(node.value)]), one, one)
    if head == "sym" and node.value == name:
        return _Quotient(fmpq_poly([0, 1]), one, one)
    if head == "neg":
        inner = _quotient(node.args[0], name)
        return _Quotient(-inner.top, inner.bottom, inner.divisors)
    if head in ("add", "mul"):
        total = _quotient(node.args[0], name)
        for arg in node.args[1:]:
            total = _bounded((_plus if head == "add" else _times)(total, _quotient(arg, name)))
        return total
    if head == "div":
        above, below = (_quotient(arg, name) for arg in node.args)
        return _bounded(_times(above, _inverse(below)))
    if head == "pow" and node.args[1].head == "num" and node.args[1].value.denominator == 1:
        return _power(_quotient(node.args[0], name), int(node.args[1].value))
    raise NotSolved(head)


def _plus(a: _Quotient, b: _Quotient) -> _Quotient:
    top = a.top * b.bottom + b.top * a.bottom
    return _Quotient(top, a.bottom * b.bottom, a.divisors * b.divisors)


def _times(a: _Quotient, b: _Quotient) -> _Quotient:
    return _Quotient(a.top * b.top, a.bottom * b.bottom, a.divisors * b.divisors)


def _inverse(a: _Quotient) -> _Quotient:
    if not a.top:
        raise NotSolved("division by nought")
    return _Quotient(a.bottom, a.top, a.divisors * a.top)


def _power(base: _Quotient, exponent: int) -> _Quotient:
    if abs(exponent) > DEGREE or (exponent == 0 and base.top.degree() > 0):
        raise NotSolved("a power out of reach")
    base = _inverse(base) if exponent < 0 else base
    times = abs(exponent)
    return _bounded(_Quotient(base.top**times, base.bottom**times, base.divisors))


def _bounded(value: _Quotient) -> _Quotient:
    for part in (value.top, value.bottom, value.divisors):
        heaviest = max((_bits(c) for c in part.coeffs()), default=0)
        if part.degree() > DEGREE or heaviest > BITS:
            raise NotSolved("polynomials out of reach")
    return value


def _bits(value: fmpq) -> int:
    return int(value.p).bit_length() + int(value.q).bit_length()


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _roots(polynomial: fmpq_poly) -> list[tuple[Node, int]]:
    """The real roots with their multiplicities."""
    if polynomial.degree() < 1:
        return []
    _, factors = polynomial.numer().factor()
    return [(root, power) for factor, power in factors for root in _real_roots(factor.coeffs())]


def _real_roots(coefficients: list[object]) -> list[Node]:
    """Of an irreducible polynomial, its integer coefficients given from the lowest."""
    whole = [int(c) for c in coefficients]  # type: ignore[call-overload]  # fmpz knows int
    degree = len(whole) - 1
    if degree == 1:
        return [num(Fraction(-whole[0], whole[1]))]
    if degree == 2:
        return _quadratic(*whole)
    if not any(whole[1:-1]):
        return _radicals(Fraction(-whole[0], whole[-1]), degree)
    if _never_real(whole):
        return []
    raise NotSolved("a root without a short expression")


def _quadratic(c: int, b: int, a: int) -> list[Node]:
    inside = b * b - 4 * a * c
    if inside < 0:
        return []
    spread = mul(num(Fraction(1, 2 * a)), Node("root", (num(inside), num(2))))
    middle = num(Fraction(-b, 2 * a))
    return [add(middle, neg(spread)), add(middle, spread)]


def _radicals(value: Fraction, degree: int) -> list[Node]:
    """The real solutions of x^degree = value."""
    size = Node("root", (num(abs(value)), num(degree)))
    if degree % 2:
        return [size if value > 0 else neg(size)]
    return [neg(size), size] if value > 0 else []


def _never_real(coefficients: list[int]) -> bool:
    roots = fmpq_poly(coefficients).complex_roots()
    return all(not root.imag.contains(0) for root, _ in roots)
