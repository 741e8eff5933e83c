"""Points of a domain: their order, and how they are written."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.exact.graph_definitions import Graph
from lemmata.apps.conjecture.language.spec import Spec

Key = tuple[Any, ...]


def extent(value: Any) -> int:
    """How large a value is: |n|, the greater of numerator and denominator, the vertices."""
    if isinstance(value, Graph):
        return value.order
    if isinstance(value, Fraction):
        return max(abs(value.numerator), value.denominator if value.denominator > 1 else 0)
    return abs(int(value))


def key(point: Point) -> Key:
    """The order in which a counterexample is the smaller: by the largest of its values, then from
    left to right, positive before negative; of graphs by vertices, then edges."""
    if isinstance(point[0], Graph):
        return point[0].order, len(point[0].edges), sorted(point[0].edges)
    return (
        max(map(extent, point)),
        tuple((extent(value), value < 0, value) for value in point),
    )


def to_json(point: Point) -> list[Any]:
    """Integers as they are, fractions as "a/b", graphs as {"order", "edges"}."""
    return [_to_json(value) for value in point]


def _to_json(value: Any) -> Any:
    if isinstance(value, Graph):
        return {"order": value.order, "edges": [list(edge) for edge in sorted(value.edges)]}
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    return value


def from_json(values: list[Any]) -> Point:
    """The point that `to_json` wrote."""
    return tuple(_from_json(value) for value in values)


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return Graph(value["order"], frozenset((a, b) for a, b in value["edges"]))
    return Fraction(value) if isinstance(value, str) else value


def say(spec: Spec, point: Point) -> str:
    """`n = 40`, or `a = 1, b = 1/2`; a graph by its edges."""
    return ", ".join(
        f"{variable.name} = {value_text(value)}"
        for variable, value in zip(spec.variables, point, strict=True)
    )


def value_text(value: Any) -> str:
    if isinstance(value, Graph):
        edges = " ".join(f"{a}-{b}" for a, b in sorted(value.edges))
        return f"{value.order} vertices, edges {edges or 'none'}"
    text = str(value)
    return text if len(text) <= 80 else f"{text[:30]}…{text[-10:]} ({len(text)} digits)"
