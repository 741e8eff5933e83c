"""Sines and cosines of normal forms, and back.

Angles of rational multiples of π reduce to cos rπ with 0 <= r <= 1/2; other angles to products of
sines and cosines of single terms, in which sin² is written 1 − cos².
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from lemmata.verify import exact
from lemmata.verify.exact import ONE, Monomial, Quotient, atom, rational
from lemmata.verify.radicals import number_power

LARGEST_MULTIPLE = 12
"""sin nx is opened up to this n."""
_PI: Monomial = (("pi", 1),)


@lru_cache(maxsize=1024)
def cosine(turn: Fraction) -> Quotient:
    """cos(turn · π), by radicals where the classical table has them."""
    turn %= 2
    if turn > 1:
        turn = 2 - turn
    if turn > Fraction(1, 2):
        return -cosine(1 - turn)
    known = _cosines().get(turn)
    return known if known is not None else atom(f"cospi:{turn}")


@lru_cache(maxsize=1)
def _cosines() -> dict[Fraction, Quotient]:
    def surds(bottom: int, **terms: int) -> Quotient:
        total = rational(0)
        for name, factor in terms.items():
            total = total + rational(factor) * number_power(Fraction(int(name[1:])), Fraction(1, 2))
        return total / rational(bottom)

    return {
        Fraction(0): rational(1),
        Fraction(1, 2): rational(0),
        Fraction(1, 3): surds(2, r1=1),
        Fraction(1, 4): surds(2, r2=1),
        Fraction(1, 6): surds(2, r3=1),
        Fraction(1, 12): surds(4, r6=1, r2=1),
        Fraction(5, 12): surds(4, r6=1, r2=-1),
        Fraction(1, 5): surds(4, r1=1, r5=1),
        Fraction(2, 5): surds(4, r5=1, r1=-1),
    }


def trigonometric(name: str, angle: Quotient) -> Quotient:
    if name in FROM_SINE:
        return FROM_SINE[name](trigonometric("sin", angle), trigonometric("cos", angle))
    if angle.bottom is not ONE:
        return atom(f"{name}:{angle.key()}")
    rest = dict(angle.top)
    turn = rest.pop(_PI, Fraction(0))
    if not rest:
        return cosine(turn if name == "cos" else Fraction(1, 2) - turn)
    sine, cosine_ = cosine(Fraction(1, 2) - turn), cosine(turn)
    for monomial in sorted(rest):
        s, c = _multiple_angle(monomial, rest[monomial])
        sine, cosine_ = sine * c + cosine_ * s, cosine_ * c - sine * s
    return sine if name == "sin" else cosine_


def _multiple_angle(monomial: Monomial, factor: Fraction) -> tuple[Quotient, Quotient]:
    """sin and cos of factor · monomial in those of the angle without the factor's numerator."""
    count, unit = abs(factor.numerator), Fraction(1, factor.denominator)
    if count > LARGEST_MULTIPLE:
        count, unit = 1, abs(factor)
    key = exact.number_key(unit) + exact.monomial_key(monomial)
    s, c = atom(f"sin:{key}"), atom(f"cos:{key}")
    sine, cosine_ = rational(0), rational(1)
    for _ in range(count):
        sine, cosine_ = sine * c + cosine_ * s, cosine_ * c - sine * s
    return (-sine if factor < 0 else sine), cosine_


FROM_SINE: dict[str, Callable[[Quotient, Quotient], Quotient]] = {
    "tan": lambda s, c: s / c,
    "cot": lambda s, c: c / s,
    "sec": lambda _, c: rational(1) / c,
    "csc": lambda s, _: rational(1) / s,
}


@lru_cache(maxsize=1)
def _angles() -> dict[str, dict[str, Fraction]]:
    """For each inverse function, the key of a value → the angle over π."""
    turns = sorted(
        {Fraction(k, 12) for k in range(-12, 13)} | {Fraction(k, 10) for k in range(-10, 11)}
    )
    table: dict[str, dict[str, Fraction]] = {"arcsin": {}, "arccos": {}, "arctan": {}, "arccot": {}}
    for turn in turns:
        sine, cosine_ = cosine(Fraction(1, 2) - turn), cosine(turn)
        if abs(turn) <= Fraction(1, 2):
            table["arcsin"][sine.key()] = turn
        if 0 <= turn <= 1:
            table["arccos"][cosine_.key()] = turn
        if abs(turn) < Fraction(1, 2):
            table["arctan"][(sine / cosine_).key()] = turn
        if 0 < turn < 1:
            table["arccot"][(cosine_ / sine).key()] = turn
    # tan 15° and its like are quotients of sums; these are their usual spellings.
    root3 = number_power(Fraction(3), Fraction(1, 2))
    for sign in (1, -1):
        table["arctan"][(rational(sign) * (rational(2) - root3)).key()] = Fraction(sign, 12)
        table["arctan"][(rational(sign) * (rational(2) + root3)).key()] = Fraction(5 * sign, 12)
    return table


def inverse(name: str, value: Quotient) -> Quotient:
    turn = _angles()[name].get(value.key())
    if turn is not None:
        return Quotient({_PI: turn} if turn else {})
    if name == "arccos":
        return Quotient({_PI: Fraction(1, 2)}) - inverse("arcsin", value)
    first = value.top[min(value.top)] if value.top else 1
    if first < 0 and name in ("arcsin", "arctan"):
        return -atom(f"{name}:{(-value).key()}")
    return atom(f"{name}:{value.key()}")
