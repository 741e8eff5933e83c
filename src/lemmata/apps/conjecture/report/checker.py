"""The standalone checker: one Python file, standard library only, that shows the counterexample.

It holds the definitions of the functions used, the guard and the claim as Python, and the point.
"""

from __future__ import annotations

import inspect
import re
from fractions import Fraction
from typing import Any

from lemmata.apps.conjecture.exact.definitions import DEFINED
from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.exact.graph_definitions import Graph
from lemmata.apps.conjecture.language.forms import modular, unsummed
from lemmata.apps.conjecture.language.functions import KEEPS_INT
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Bind, Call, Node, Operate, walk
from lemmata.apps.conjecture.report.python_text import REALS, python
from lemmata.apps.conjecture.search.points import say

_HEAD = '''"""{title}

Run it with any Python from 3.10 on: it needs nothing else. It prints the point, whether the guard
holds there and whether the claim does, and exits with 0 if the point refutes the conjecture.
"""

import math
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate, combinations, permutations, product as orders
from typing import NamedTuple

sys.setrecursionlimit(10_000)


class OutOfReach(Exception):
    """The value exists but is too costly to find."""


class Undefined(Exception):
    """There is no such value."""


def decided(left, right, by):
    """`or` (by True) and `and` (by False): one side may decide though the other has no value."""
    try:
        if bool(left()) is by:
            return by
    except (Undefined, OutOfReach, ZeroDivisionError):
        if bool(right()) is by:
            return by
        raise
    return bool(right())
'''

_REALS = '''
from decimal import Decimal, getcontext

getcontext().prec = 80  # reals that are not fractions are decimals of 80 digits, as fractions


def decimal(x):
    x = Fraction(x)
    return Decimal(x.numerator) / Decimal(x.denominator)


def real_sqrt(x):
    x = Fraction(x)
    a, b = math.isqrt(x.numerator), math.isqrt(x.denominator)
    exact = a * a == x.numerator and b * b == x.denominator
    return Fraction(a, b) if exact else Fraction(decimal(x).sqrt())


def real_log(x):
    return Fraction(decimal(x).ln())


def real_exp(x):
    return Fraction(decimal(x).exp())


def real_pi():
    """Machin: pi = 16 arctan(1/5) - 4 arctan(1/239)."""

    def arctan(n):
        return sum(Fraction((-1) ** k, (2 * k + 1) * n ** (2 * k + 1)) for k in range(70))

    return 16 * arctan(5) - 4 * arctan(239)
'''

_TAIL = """

def guard({names}):
    return {guard}


def claim({names}):
    return {claim}


if __name__ == "__main__":
    point = {point}
    print({said!r})
    inside, holds = bool(guard(*point)), None
    print("guard holds:", inside)
    if inside:
        holds = bool(claim(*point))
        print("claim holds:", holds)
    refuted = inside and holds is False
    print("the conjecture is refuted" if refuted else "this point refutes nothing")
    sys.exit(0 if refuted else 1)
"""


def script(spec: Spec, point: Point) -> str:
    """The text of the checker for this point."""
    names = ", ".join(f"{variable.name}_" for variable in spec.variables)
    claim = unsummed(modular(spec.claim))
    guard = unsummed(modular(spec.guard)) if spec.guard is not None else None
    nodes = [*walk(claim), *(walk(guard) if guard is not None else ())]
    title = " ".join((spec.statement or spec.text()).split()).replace("\\", "/").replace('"', "'")
    real = _REALS if _needs_reals(nodes) else ""
    tail = _TAIL.format(
        names=names,
        guard=python(guard, dict(spec.scope)) if guard is not None else "True",
        claim=python(claim, dict(spec.scope)),
        point="(" + "".join(f"{_literal(value)}, " for value in point) + ")",
        said=say(spec, point),
    )
    return _HEAD.format(title=title[:300]) + real + _sources(nodes) + tail


def _needs_reals(nodes: list[Node]) -> bool:
    return any(isinstance(node, Call) and node.function in REALS for node in nodes)


def _literal(value: Any) -> str:
    if isinstance(value, Graph):
        edges = ", ".join(str(edge) for edge in sorted(value.edges))
        return f"Graph({value.order}, frozenset([{edges}]))"
    return f"Fraction({str(value)!r})" if isinstance(value, Fraction) else str(value)


def _sources(nodes: list[Node]) -> str:
    """The definitions that the nodes use, and those that these use, in the order of their files."""
    wanted = {n.function for n in nodes if isinstance(n, Call)} - set(REALS) - KEEPS_INT
    wanted |= {"raised"} if any(isinstance(n, Operate) and n.op == "^" for n in nodes) else set()
    waiting = list(wanted)
    while waiting:
        text = inspect.getsource(DEFINED[waiting.pop()])
        fresh = (
            set(re.findall(r"\b[a-z_]+\b(?=\()|(?<=, )[a-z]+(?=[,)])", text)) & set(DEFINED)
        ) - wanted
        wanted |= fresh
        waiting += fresh
    parts = [inspect.getsource(DEFINED[name]) for name in DEFINED if name in wanted]
    if any("Graph" in part for part in parts):
        parts.insert(0, inspect.getsource(Graph))
    if any(isinstance(n, Bind) and n.kind == "product" for n in nodes):
        parts.append("def product(terms):\n    return math.prod(terms)\n")
    text = "".join(f"\n\n{part}" for part in parts)
    # `product` is the language's own; itertools' goes by another name.
    return text.replace("in product(range(k), repeat", "in orders(range(k), repeat")
