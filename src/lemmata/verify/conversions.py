"""Sides of an equation that units set apart: 2 hours = 120 minutes, $1 / 2 = 50 cents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from lemmata.verify import arithmetic, units
from lemmata.verify.expression import Node, add, mul, num

_CONVERSIONS = frozenset((100, 60, 12, 16, 24, 7, 1000, 3600, 365, 52))


_EXACT = {"time": 3600, "length": 1000, "mass": 1000, "volume": 1}
"""The largest unit of each dimension whose conversions nobody rounds or bends: a working day has
eight hours, a mile 1.6 km."""
_QUANTITIES = re.compile(
    r"(?:^\s*|[,.;:!?]\s+|[(\n，；：。、（]\s*|\b(?:so|since|because|as|that|and|where)\s+|因为|所以|即|由于)"
    r"(\d{1,9}(?:,\d{3})*(?:\.\d{1,9})?) ?([A-Za-z]+|[\u4e00-\u9fff]{1,2})"
    r"\s*=\s*(\d{1,9}(?:,\d{3})*(?:\.\d{1,9})?) ?([A-Za-z]+|[\u4e00-\u9fff]{1,2})(?!\s*[-+*/^=(\w])"
)
_WORD = re.compile(r"[A-Za-z]{2,}")


def set_apart(text: str, words: Sequence[str], left: Node, right: Node) -> bool:
    """Whether two unequal sides may yet be equal in what they measure; `words`: the units."""
    return (
        _units_differ(words, left, right)
        or _converts(words, left, right)
        or _fraction_of_unit(text, left, right)
        or _counted(words, left, right)
        or _percent_of_itself(left, right)
        or _sum_of_percents(left, right)
        or _sum_of_percents(right, left)
    )


def conversions(text: str) -> list[tuple[Node, str]]:
    """3 hours = 180 minutes: each such equation, in the unit of its right side, and its text."""
    out = []
    for match in _QUANTITIES.finditer(text):
        left, right = units.TABLE.get(match[2]), units.TABLE.get(match[4])
        if not left or not right or left.dimension not in _EXACT:
            continue
        ratio = max(left.factor / right.factor, right.factor / left.factor)
        largest = max(left.factor, right.factor)
        same = left.dimension == right.dimension
        if same and ratio.denominator == 1 and largest <= _EXACT[left.dimension]:
            value, stated = (Fraction(match[k].replace(",", "")) for k in (1, 3))
            scaled = num(value * left.factor / right.factor)
            shown = text[match.start(1) : match.end()]
            out.append((Node("rel", (scaled, num(stated)), ("=",)), shown))
    return out


def _fraction_of_unit(text: str, left: Node, right: Node) -> bool:
    """1/2 a cup = 4 ounces"""
    before, _, after = text.partition("=")
    literal = left.head == "div" and all(arg.head == "num" for arg in left.args)
    mine, other = set(_WORD.findall(before)), set(_WORD.findall(after))
    return literal and right.head == "num" and bool(mine and other) and not mine & other


def _counted(words: Sequence[str], left: Node, right: Node) -> bool:
    """16 quarters = 16 * $0.25: so many things, and what they are worth."""
    return bool(words) and left.head == "num" and right.head == "mul" and left in right.args


def _sum_of_percents(parts: Node, whole: Node) -> bool:
    """48 = 100% + 20%: what is wholly in percent, of something, against a number."""
    percents = parts.head == "add" and all(part.head == "percent" for part in parts.args)
    return whole.head == "num" and (percents or (parts.head == "percent" and whole.value > 1))


def _percent_of_itself(left: Node, right: Node) -> bool:
    """20 + 15% = 23, as people say it: 15% more than 20."""
    if left.head != "add" or len(left.args) != 2:
        return False
    base, more = left.args
    inner = more.args[0] if more.head == "neg" else more
    if inner.head != "percent":
        return False
    grown = arithmetic.constant(mul(base, add(num(1), more)))
    return grown is not None and grown == arithmetic.constant(right)


def _converts(words: Sequence[str], a: Node, b: Node) -> bool:
    """$1 / 2 = 50 cents: the sides differ by what one unit of measure is of another."""
    left, right = arithmetic.constant(a), arithmetic.constant(b)
    measured = any(units.of_word(word).dimension for word in words)
    if not left or not right or not measured:
        return False
    return left / right in _CONVERSIONS or right / left in _CONVERSIONS


def _units_differ(words: Sequence[str], left: Node, right: Node) -> bool:
    """2 hours = 120 minutes, 1 hour + 30 minutes = 90 minutes: numbers that units set apart."""
    known = {(unit.dimension, unit.factor) for unit in map(units.of_word, words)}
    dimensions = [dimension for dimension, _ in known if dimension]
    single = left.head in ("num", "percent") and right.head in ("num", "percent")
    return bool(single and words) or len(dimensions) != len(set(dimensions))
