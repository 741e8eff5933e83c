"""Whether two specs say the same: equal in form, or equal wherever one looks."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Evaluator, Point
from lemmata.apps.conjecture.exact.graph_definitions import Graph
from lemmata.apps.conjecture.exact.judges import scout
from lemmata.apps.conjecture.language.spec import Spec

_POINTS = 600


def same(one: Spec, two: Spec) -> bool:
    """Equal texts; else the same kinds of variables and, at some hundred points, one judgement:
    the same points are in the domain, and the claim holds at the same. Evidence, not proof."""
    if one.text() == two.text():
        return True
    if [v.sort for v in one.variables] != [v.sort for v in two.variables]:
        return False
    first, second = scout(one, 50_000), scout(two, 50_000)
    return all(_judged(one, first, point) == _judged(two, second, point) for point in _points(one))


def _judged(spec: Spec, evaluator: Evaluator, point: Point) -> str:
    for variable, value in zip(spec.variables, point, strict=True):
        size = value.order if isinstance(value, Graph) else value
        if variable.low is not None and size < variable.low:
            return "outside"
        if variable.high is not None and size > variable.high:
            return "outside"
    return evaluator.judge(point)


def _points(spec: Spec) -> list[Point]:
    """The first points of a box around 0, and some chosen ones further out; the same each time."""
    dice = random.Random(0)  # noqa: S311
    if spec.variables[0].sort == "graph":
        return [(_graph(dice),) for _ in range(300)]
    many = len(spec.variables)
    side = {1: 120, 2: 11, 3: 4, 4: 3}.get(many, 2)
    near = list(product(range(-side // 4, side), repeat=many))
    dice.shuffle(near)
    values: list[Point] = [tuple(point) for point in near[:_POINTS]]
    if all(variable.sort == "real" for variable in spec.variables):
        values += [tuple(_half(dice) for _ in range(many)) for _ in range(200)]
    return values


def _half(dice: random.Random) -> Any:
    from fractions import Fraction

    return Fraction(dice.randint(-20, 20), dice.choice((2, 3, 4)))


def _graph(dice: random.Random) -> Graph:
    order = dice.randint(1, 6)
    density = dice.random()
    pairs = [(a, b) for b in range(order) for a in range(b)]
    return Graph(order, frozenset(pair for pair in pairs if dice.random() < density))
