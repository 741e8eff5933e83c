"""The first cases by hand: what a person would write down to get a feeling for the claim.

For `exists p in 2..n: prime(p) and prime(n - p)` the table has n, its least p, and n - p.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Evaluator
from lemmata.apps.conjecture.exact.judges import scout
from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined
from lemmata.apps.conjecture.language.check import rebuilt
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Connect,
    Name,
    Node,
    Number,
    children,
    free_names,
    walk,
)
from lemmata.apps.conjecture.language.write import write

_UP_TO, _MOST = 100, 50


def first_cases(spec: Spec) -> dict[str, Any] | None:
    """{"columns": [...], "rows": [[...]]} for one integer up to 100; None for other domains."""
    variable = spec.variables[0]
    if len(spec.variables) > 1 or variable.sort != "integer":
        return None
    start = int(variable.low) if variable.low is not None else 0
    end = min(_UP_TO, int(variable.high) if variable.high is not None else _UP_TO)
    evaluator = scout(spec)
    bind = spec.claim if isinstance(spec.claim, Bind) and spec.claim.kind == "exists" else None
    shown = _shown(spec.claim, spec) if bind is None else _parts(bind)
    columns = [variable.name, *([bind.name] if bind else []), *map(write, shown), "claim"]
    rows = []
    for n in range(start, max(end, start + 10) + 1):
        verdict = evaluator.judge((n,))
        if verdict != "outside":
            rows.append([n, *_row(evaluator, spec, bind, shown, n), verdict])
        if len(rows) == _MOST or (variable.high is not None and n == variable.high):
            break
    return {"columns": columns, "rows": rows}


def _row(
    evaluator: Evaluator, spec: Spec, bind: Bind | None, shown: list[Node], n: int
) -> list[Any]:
    point: tuple[Any, ...] = (n,)
    if bind is None:
        return [_value(evaluator, node, spec, point) for node in shown]
    witness = _tried(lambda: evaluator.witness(bind, spec.scope, point))
    if witness is None:
        return [None] * (len(shown) + 1)
    inner = [_substituted(node, bind.name, witness) for node in shown]
    return [witness, *(_value(evaluator, node, spec, point) for node in inner)]


def _value(evaluator: Evaluator, node: Node, spec: Spec, point: tuple[Any, ...]) -> Any:
    value = _tried(lambda: evaluator.value(evaluator.compile(node, spec.scope), point))
    if isinstance(value, int):
        return value if value.bit_length() < 100 else f"{value.bit_length()} bits"
    return str(value)[:30]


def _tried(value: Callable[[], Any]) -> Any:
    """The value; None where there is none within reach."""
    try:
        return value()
    except (OutOfReach, Undefined, ZeroDivisionError):
        return None


def _shown(claim: Node, spec: Spec) -> list[Node]:
    """The values worth a column: the two sides of a comparison, or what the claim speaks of."""
    if isinstance(claim, Compare):
        return [side for side in (claim.left, claim.right) if not isinstance(side, Name | Number)]
    return _arguments(claim, frozenset(spec.scope))


def _parts(bind: Bind) -> list[Node]:
    return _arguments(bind.body, frozenset())


def _arguments(node: Node, only: frozenset[str]) -> list[Node]:
    """What predicates are asked about, where it is more than a name."""
    found: list[Node] = []
    stack = [node]
    while stack:
        here = stack.pop(0)
        if isinstance(here, Call):
            found += [a for a in here.arguments if not isinstance(a, Name | Number)]
        elif isinstance(here, Connect):
            stack += [here.left, here.right]
    wanted = [n for n in found if not only or free_names(n) <= only]
    return [n for n in dict.fromkeys(wanted) if not any(isinstance(x, Bind) for x in walk(n))][:3]


def _substituted(node: Node, name: str, value: int) -> Node:
    if node == Name(name):
        return Number(Fraction(value))
    return rebuilt(node, tuple(_substituted(child, name, value) for child in children(node)))
