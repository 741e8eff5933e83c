"""Factorials, binomials and the functions of whole numbers, on normal forms."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import comb, factorial, floor, gcd, lcm, perm

from lemmata.verify import exact
from lemmata.verify.exact import ONE, NotExact, Quotient, TooCostly, atom, rational

LARGEST_FACTORIAL = 5000


def _whole(value: Quotient) -> int | None:
    number = value.constant()
    return number.numerator if number is not None and number.denominator == 1 else None


def factorial_of(value: Quotient) -> Quotient:
    """n! for whole n; (u + c)! as u! times c factors."""
    number = _whole(value)
    if number is not None:
        if number > LARGEST_FACTORIAL:
            raise TooCostly
        if number < 0:
            raise NotExact("factorial of a negative number")
        return rational(factorial(number))
    rest = dict(value.top)
    shift = rest.pop((), Fraction(0))
    if not rest or value.bottom is not ONE or shift.denominator != 1 or abs(shift) > 20:
        raise NotExact("factorial")
    base = Quotient(rest)
    result = atom(f"fact:{base.key()}")
    for step in range(1, int(shift) + 1):
        result = result * (base + rational(step))
    for step in range(0, int(shift), -1):
        result = result / (base + rational(step))
    return result


def choose(n: Quotient, k: Quotient, ordered: bool) -> Quotient:
    top, bottom = _whole(n), _whole(k)
    if top is not None and bottom is not None and top >= 0 and bottom >= 0:
        steps = bottom if ordered else min(bottom, max(0, top - bottom))
        if steps * top.bit_length() > exact.BITS:
            raise TooCostly
        return rational(perm(top, bottom) if ordered else comb(top, bottom))
    if bottom is not None and 0 <= bottom <= 12:
        falling = reduce(lambda a, b: a * b, (n - rational(j) for j in range(bottom)), rational(1))
        return falling if ordered else falling / rational(factorial(bottom))
    whole = factorial_of(n) / factorial_of(n - k)
    return whole if ordered else whole / factorial_of(k)


def double_factorial(value: Quotient) -> Quotient:
    number = _whole(value)
    if number is None or number < 0:
        raise NotExact("double factorial")
    if number > LARGEST_FACTORIAL:
        raise TooCostly
    return rational(reduce(lambda a, b: a * b, range(number, 0, -2), 1))


def of_integers(name: str, values: list[Quotient]) -> Quotient:
    numbers = [value.constant() for value in values]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return atom(f"{name}:" + ",".join(value.key() for value in values))
    if name in ("max", "min"):
        return rational(max(known) if name == "max" else min(known))
    if any(number.denominator != 1 for number in known):
        raise NotExact(name)
    whole = [int(number) for number in known]
    if name == "mod":
        if whole[1] == 0:
            raise NotExact("division by zero")
        return rational(whole[0] % whole[1])
    return rational(gcd(*whole) if name == "gcd" else lcm(*whole))


def rounded(name: str, value: Quotient) -> Quotient:
    number = value.constant()
    if number is None:
        return atom(f"{name}:{value.key()}")
    return rational(floor(number) if name == "floor" else -floor(-number))
