"""Real numbers that are not fractions, as intervals whose width falls with the precision.

Integers and fractions stay exact; only `log`, `exp`, `pi` and roots without a rational value
become intervals. A comparison that an interval cannot decide raises `Imprecise`; the caller asks
again with more bits, and gives up at `MOST_BITS`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from mpmath import iv
from mpmath.libmp import mpf_floor, to_int

from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined

FIRST_BITS = 80
MOST_BITS = 1300


class Imprecise(Exception):
    """More bits are needed to tell."""


Real = Any  # int, Fraction or mpmath's ivmpf, which has no type of its own to name


def set_precision(bits: int) -> None:
    """The bits of the intervals made from now on; mpmath keeps this for the process."""
    iv.prec = bits


def interval(value: Real) -> Any:
    """The value as an interval."""
    if isinstance(value, Fraction):
        return iv.mpf(value.numerator) / iv.mpf(value.denominator)
    return iv.mpf(value)


_MOST_EXACT = 4000
"""Bits of a fraction's denominator; past it, a sum of fractions goes on as an interval."""


def slim(value: Real) -> Real:
    """The value, as an interval if it is a fraction too long to carry on exactly."""
    if isinstance(value, Fraction) and value.denominator.bit_length() > _MOST_EXACT:
        return interval(value)
    return value


def exact(value: Real) -> bool:
    return isinstance(value, int | Fraction)


def divide(a: Real, b: Real) -> Real:
    if exact(b):
        if b == 0:
            raise Undefined
        return Fraction(a) / b if exact(a) else a / interval(b)
    if b.a <= 0 <= b.b:
        raise Imprecise
    return interval(a) / b


def add(a: Real, b: Real) -> Real:
    return a + b if exact(a) and exact(b) else interval(a) + interval(b)


def subtract(a: Real, b: Real) -> Real:
    return a - b if exact(a) and exact(b) else interval(a) - interval(b)


def multiply(a: Real, b: Real) -> Real:
    return a * b if exact(a) and exact(b) else interval(a) * interval(b)


def raised(base: Real, exponent: int) -> Real:
    """base^exponent for a base that is no int. Refuses a result of over 200,000 bits."""
    if abs(exponent) > 100_000:
        raise OutOfReach
    if not exact(base):
        return base**exponent if exponent >= 0 else divide(1, base**-exponent)
    base = Fraction(base)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(exponent) > 200_000:
        raise OutOfReach
    if base == 0 and exponent < 0:
        raise Undefined
    return base**exponent


def sqrt(value: Real) -> Real:
    if not exact(value):
        if value.a < 0:
            raise Undefined if value.b < 0 else Imprecise
        return iv.sqrt(value)
    value = Fraction(value)
    if value < 0:
        raise Undefined
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if above**2 == value.numerator and below**2 == value.denominator:
        return Fraction(above, below)
    return iv.sqrt(interval(value))


def log(value: Real) -> Real:
    if exact(value):
        if value <= 0:
            raise Undefined
        return Fraction(0) if value == 1 else iv.log(interval(value))
    if value.a <= 0:
        raise Undefined if value.b <= 0 else Imprecise
    return iv.log(value)


def exp(value: Real) -> Real:
    if exact(value) and value == 0:
        return Fraction(1)
    inside = interval(value)
    if inside.b > 10_000:
        raise OutOfReach
    return iv.exp(inside)


def pi() -> Real:
    return +iv.pi


def absolute(value: Real) -> Real:
    return abs(value)


def floor(value: Real) -> int:
    if exact(value):
        down: int = value.numerator // value.denominator
        return down
    low, high = map(_floor, value._mpi_)  # the ends as mpmath's raw numbers
    if low != high:
        raise Imprecise
    return low


def ceil(value: Real) -> int:
    return -floor(-value)


def _floor(end: Any) -> int:
    found: int = to_int(mpf_floor(end))
    return found


def sign(a: Real, b: Real) -> int:
    """-1, 0 or 1 as a is below, equal to or above b. Raises Imprecise."""
    if exact(a) and exact(b):
        return int(a > b) - int(a < b)
    gap = interval(a) - interval(b)
    if gap.a > 0:
        return 1
    if gap.b < 0:
        return -1
    raise Imprecise


def least(values: tuple[Real, ...]) -> Real:
    best = values[0]
    for value in values[1:]:
        best = value if sign(value, best) < 0 else best
    return best


def greatest(values: tuple[Real, ...]) -> Real:
    return -least(tuple(-value for value in values))
