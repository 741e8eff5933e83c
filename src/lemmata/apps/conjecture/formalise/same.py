"""Whether two specs say the same: equal in form, or equal wherever one looks.

The judgements are compared, not only the counterexamples: two theorems have none in common too.
`if A then B` may stand as a guard and a claim, as a claim alone, or as `if not B then not A`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.exact.graph_definitions import Graph
from lemmata.apps.conjecture.exact.judges import scout
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Connect, Not, conjunction

_POINTS = 600


def same(one: Spec, two: Spec) -> bool:
    """Equal texts; else the same kinds of variables and, at some hundred points, one judgement.
    Evidence, not proof."""
    if one.text() == two.text():
        return True
    if [v.sort for v in one.variables] != [v.sort for v in two.variables]:
        return False
    points = _points(one)
    wanted = _judgements(_guarded(one), points)
    return any(_judgements(form, points) == wanted for form in _forms(_guarded(two)))


def _guarded(spec: Spec) -> Spec:
    """`if A then B` with A in the guard."""
    if not isinstance(spec.claim, Connect) or spec.claim.op != "->":
        return spec
    parts = tuple(part for part in (spec.guard, spec.claim.left) if part is not None)
    return Spec(spec.variables, conjunction(parts), spec.claim.right)


def _forms(spec: Spec) -> Iterator[Spec]:
    yield spec
    if spec.guard is not None:
        yield Spec(spec.variables, Not(spec.claim), Not(spec.guard))


def _judgements(spec: Spec, points: list[Point]) -> list[str]:
    evaluator = scout(spec, 50_000)
    return [evaluator.judge(point) if _within(spec, point) else "outside" for point in points]


def _within(spec: Spec, point: Point) -> bool:
    for variable, value in zip(spec.variables, point, strict=True):
        size = value.order if isinstance(value, Graph) else value
        if variable.low is not None and size < variable.low:
            return False
        if variable.high is not None and size > variable.high:
            return False
    return True


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
        values += [tuple(_fraction(dice) for _ in range(many)) for _ in range(200)]
    return values


def _fraction(dice: random.Random) -> Fraction:
    return Fraction(dice.randint(-20, 20), dice.choice((2, 3, 4)))


def _graph(dice: random.Random) -> Graph:
    order = dice.randint(1, 6)
    density = dice.random()
    pairs = [(a, b) for b in range(order) for a in range(b)]
    return Graph(order, frozenset(pair for pair in pairs if dice.random() < density))
