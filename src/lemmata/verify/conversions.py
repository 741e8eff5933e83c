"""Sides of an equation that units set apart: 2 hours = 120 minutes, $1 / 2 = 50 cents."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.verify import arithmetic, units
from lemmata.verify.expression import Node

_CONVERSIONS = frozenset((100, 60, 12, 16, 24, 7, 1000, 3600, 365, 52))


def converts(words: Sequence[str], a: Node, b: Node) -> bool:
    """$1 / 2 = 50 cents: the sides differ by what one unit of measure is of another."""
    left, right = arithmetic.constant(a), arithmetic.constant(b)
    measured = any(units.of_word(word).dimension for word in words)
    if not left or not right or not measured:
        return False
    return left / right in _CONVERSIONS or right / left in _CONVERSIONS


def units_differ(words: Sequence[str], left: Node, right: Node) -> bool:
    """2 hours = 120 minutes, 1 hour + 30 minutes = 90 minutes: numbers that units set apart."""
    known = {(unit.dimension, unit.factor) for unit in map(units.of_word, words)}
    dimensions = [dimension for dimension, _ in known if dimension]
    single = left.head in ("num", "percent") and right.head in ("num", "percent")
    return bool(single and words) or len(dimensions) != len(set(dimensions))
