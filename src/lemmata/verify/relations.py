"""Equations and inequalities: names dropped, equal up to a factor, refuted at points."""

from __future__ import annotations

from fractions import Fraction

from lemmata.types import Verdict
from lemmata.verify import exact, interval, normalform
from lemmata.verify.expression import Node, add, is_value, neg, num, sym, symbols
from lemmata.verify.verdicts import CORRECT, Compare, every, incorrect, undecided

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}
_LESS = {"<": "<", "<=": "<=", ">": "<", ">=": "<="}


def is_equation(node: Node) -> bool:
    return node.head == "rel" and set(node.value) == {"="}


def is_name(node: Node) -> bool:
    """A left-hand side that only names the answer: x, x_1, f(x), AB, ∠ABC, |AB|, «Area», (x, y)."""
    if node.head == "sym":
        return True
    if node.head == "mul":
        first, *rest = node.args
        if first.head == "pow" and first.args[1] == num(-1):  # f^{-1}(x)
            first = first.args[0]
        return first.head == "sym" and all(is_name(arg) or arg.head == "num" for arg in rest)
    if node.head == "call" and node.value in ("abs", "max", "min", "det", "gcd", "lcm"):
        return all(map(is_name, node.args))
    if node.head == "div":  # dy/dx
        return all(arg.head == "mul" and arg.args[0] == sym("d") for arg in node.args)
    return node.head == "tuple" and all(map(is_name, node.args))


def value_of(node: Node) -> Node | None:
    """What an equation says its left-hand side is: 5 of x = 5, 5 = x, x = 2 + 3 = 5, x + y = 5."""
    if not is_equation(node):
        return None
    first, last = node.args[0], node.args[-1]
    if is_name(first) and not (is_name(last) and last.head == "tuple"):
        return last
    if is_name(last) and not symbols(first):
        return first
    return last if not symbols(last) else None


def equations(left: Node, right: Node, compare: Compare) -> Verdict:
    """Two equations: the same named value, or the same equation up to a constant factor."""
    if left.args == right.args[::-1] and len(left.args) == 2:
        return CORRECT
    if left.args[0] == right.args[0] and is_name(left.args[0]):
        return compare(left.args[-1], right.args[-1])
    up_to_factor = _proportional(left, right, signed=False)
    if up_to_factor is True:
        return CORRECT
    a, b = value_of(left), value_of(right)
    if up_to_factor is False and not any(is_name(side.args[0]) for side in (left, right)):
        return incorrect("different equations")
    if a is not None and b is not None and _graphs(left, right):
        return compare(a, b)
    if a is None or b is None or symbols(a) or symbols(b):
        return _refuted(up_to_factor, "different equations")
    found = compare(a, b)
    words = any(_is_words(node.args[0]) for node in (left, right))
    if found.state == "correct" and not words:
        return undecided("the same value under different names")
    return found


def _graphs(left: Node, right: Node) -> bool:
    """f(x) = … against y = …"""
    for one, other in ((left.args[0], right.args[0]), (right.args[0], left.args[0])):
        applied = one.head == "mul" and len(one.args) == 2 and one.args[1].head == "sym"
        if applied and other.head == "sym" and other.value == "y":
            return True
    return False


def _is_words(node: Node) -> bool:
    return node.head == "sym" and node.value.startswith("«")


def _refuted(proportional: bool | None, reason: str) -> Verdict:
    return incorrect(reason) if proportional is False else undecided(f"perhaps {reason}")


def _difference(node: Node) -> Node:
    return add(node.args[0], neg(node.args[-1]))


def _proportional(left: Node, right: Node, signed: bool) -> bool | None:
    """Is one difference of sides a constant (if `signed`, positive) multiple of the other?"""
    if not all(is_value(arg) for arg in (*left.args, *right.args)):
        return None
    try:
        a, b = normalform.of(_difference(left)), normalform.of(_difference(right))
    except (exact.TooCostly, exact.NotExact):
        return None
    if not a.top or not b.top:
        return not a.top and not b.top
    # A common denominator may be multiplied away; whether it may vanish is not asked.
    top_a, top_b = (exact.times(q.top, exact.ONE) for q in (a, b))
    lead = max(top_a)
    if lead not in top_b:
        return False if _polynomial(a) and _polynomial(b) else None
    factor = top_b[lead] / top_a[lead]
    if signed and factor < 0:
        return False
    try:
        same = exact.plus(
            {m: c * factor for m, c in top_a.items()}, {m: -c for m, c in top_b.items()}
        )
    except exact.TooCostly:
        return None
    if not same and a.bottom == b.bottom:
        return True
    return False if _polynomial(a) and _polynomial(b) else None


def _polynomial(value: exact.Quotient) -> bool:
    """Only variables with whole positive powers, so that proportionality is all there is."""
    return value.bottom is exact.ONE and all(
        ":" not in name and "#" not in name and Fraction(power).denominator == 1 and power > 0
        for monomial in value.top
        for name, power in monomial
    )


def inequalities(left: Node, right: Node) -> Verdict:
    """Single comparisons in several variables, equal up to a positive factor."""
    if left.args == right.args[::-1] and tuple(map(_TURNED.get, left.value)) == right.value[::-1]:
        return CORRECT
    a, b = _as_less(left), _as_less(right)
    if a is None or b is None:
        return undecided("inequalities that cannot be compared")
    if _proportional(a, b, signed=True) is True:
        return CORRECT if a.value == b.value else incorrect("strict against not strict")
    if _disagree_somewhere(a, b):
        return incorrect("a point satisfies one of them only")
    return undecided("inequalities that could not be told apart")


def _as_less(node: Node) -> Node | None:
    """The comparison turned to read "less than"; None for chains and other relations."""
    if node.head != "rel" or len(node.value) != 1 or node.value[0] not in _LESS:
        return None
    args = node.args if node.value[0][0] == "<" else node.args[::-1]
    return Node("rel", args, (_LESS[node.value[0]],))


def _disagree_somewhere(a: Node, b: Node) -> bool:
    names = sorted(symbols(a) | symbols(b))
    for scale in (Fraction(1), Fraction(7), Fraction(1, 5)):
        for point in interval.points(names, False):
            there = {name: value * scale for name, value in point.items()}
            truths = [_truth(node, there) for node in (a, b)]
            if None not in truths and truths[0] != truths[1]:
                return True
    return False


def _truth(node: Node, point: interval.Point) -> bool | None:
    """Whether the point strictly satisfies the comparison; None on its border or off the reals."""
    try:
        value = interval.enclosure(_difference(node), point)
    except interval.Undefined:
        return None
    if not value.imag.contains(0) or value.real.contains(0):
        return None
    return bool(value.real < 0)


def assignments(node: Node) -> dict[str, Node] | None:
    """x = 1, y = 2 as a table; None where names repeat or differ by their subscript only."""
    if node.head != "and" or not all(is_equation(arg) for arg in node.args):
        return None
    table: dict[str, Node] = {}
    for equation in node.args:
        name, value = equation.args[0], value_of(equation)
        if name.head != "sym" or value is None or name.value in table:
            return None
        table[name.value] = value
    stems = {name.split("_")[0] for name in table}
    return table if len(stems) == len(table) else None


def same_assignments(left: dict[str, Node], right: dict[str, Node], compare: Compare) -> Verdict:
    if left.keys() != right.keys():
        return undecided("different names")
    verdicts = [compare(left[name], right[name]) for name in left]
    return every(verdicts)
