"""`1 + 3 + ... + (2n - 1)`: the last term gives the rule, those shown must agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from lemmata.apps.conjecture.formalise.signs import NotAFormula
from lemmata.apps.conjecture.language.check import rebuilt
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Name,
    Negate,
    Node,
    Number,
    Operate,
    children,
    free_names,
)

_STARTS = (1, 0, 2, -1, 3)
_MOST_POWER = 64


Term = tuple[str, Node]
"""`+` or `-`, and what follows it."""


def added(terms: Sequence[Term]) -> Node:
    """The terms as one sum; the sign of the first is +."""
    whole = terms[0][1]
    for op, term in terms[1:]:
        whole = Operate(op, whole, term)  # type: ignore[arg-type]
    return whole


def dotted(shown: Sequence[Node], more: Sequence[Term], taken: frozenset[str]) -> Node:
    """The sum with dots; `more` stands behind them. Where they end must be beyond doubt:
    `1 + 2 + ... + n - 1` may end with n or with n - 1. Raises NotAFormula."""
    found = []
    for end in range(1, len(more) + 1):
        try:
            found.append((series(shown, added(more[:end]), taken), end))
        except NotAFormula as error:
            fault = error
    if len(found) > 1:
        raise NotAFormula("it is not clear which term is the last: put it in brackets")
    if not found:
        raise fault
    (whole, end) = found[0]
    return added([("+", whole), *more[end:]])


def series(shown: Sequence[Node], last: Node, taken: frozenset[str]) -> Node:
    """The sum of the terms shown, those left out, and the last.

    The last term as a rule in its one variable, from a start on, must give every term shown; two
    terms suffice where they are written like the rule or lie on a line with it, else it takes
    three: `1 + 2 + ... + 2^n` may be two things. Raises NotAFormula otherwise.
    """
    names = free_names(last)
    if len(names) != 1:
        raise NotAFormula("the last term of the sum must name one variable")
    (name,) = names
    for start in _STARTS:
        rule = [put(last, name, Number(Fraction(start + i))) for i in range(len(shown))]
        agree = all(
            _value(one) == _value(two) is not None for one, two in zip(rule, shown, strict=True)
        )
        if agree and (len(shown) > 2 or _plain(shown, rule, last, name)):
            bound = next(letter for letter in "kjirst" if letter not in taken | names)
            return Bind(
                "sum", bound, Number(Fraction(start)), Name(name), put(last, name, Name(bound))
            )
    raise NotAFormula("what the dots stand for is not clear: show more terms, or write a sum")


def _plain(shown: Sequence[Node], rule: Sequence[Node], last: Node, name: str) -> bool:
    """Whether two terms leave no doubt."""
    if len(shown) < 2:
        return False
    steps = [_value(put(last, name, Number(Fraction(k)))) for k in range(4, 8)]
    if None not in steps:
        differences = {b - a for a, b in pairwise(steps) if a is not None and b is not None}
        if len(differences) == 1:
            return True
    return all(map(_alike, shown[1:], rule[1:]))


def _alike(shown: Node, rule: Node) -> bool:
    """Written alike: `2 * 3` as `k * (k + 1)` with k = 2, but not 2 as `2^k` with k = 1."""
    match shown, rule:
        case Operate(op, a, b), Operate(other, c, d) if op == other:
            return None is not _value(a) == _value(c) and None is not _value(b) == _value(d)
    return shown == rule


def put(node: Node, name: str, value: Node) -> Node:
    """The node with the value in place of the name."""
    if node == Name(name):
        return value
    if isinstance(node, Bind) and node.name == name:
        return node
    return rebuilt(node, tuple(put(child, name, value) for child in children(node)))


def _value(node: Node) -> Fraction | None:
    """The value of arithmetic on literals; None of anything else."""
    match node:
        case Number(value):
            return value
        case Negate(operand):
            inner = _value(operand)
            return None if inner is None else -inner
        case Operate(op, left, right):
            return _operated(op, _value(left), _value(right))
    return None


def _operated(op: str, one: Fraction | None, two: Fraction | None) -> Fraction | None:
    if one is None or two is None:
        return None
    match op:
        case "+":
            return one + two
        case "-":
            return one - two
        case "*":
            return one * two
        case "/" if two:
            return one / two
        case "^" if two.denominator == 1 and 0 <= two <= _MOST_POWER:
            return Fraction(one ** int(two))
    return None
