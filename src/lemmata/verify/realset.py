"""Sets of real numbers as sorted, disjoint intervals and points, however they were written.

`(1,2)`, `1<x<2`, `{x | 1<x<2}`, `x>1 and x<2`, `(-∞,∞)∖{3}`, `x≠3`, ℝ, ∅. The ends stay exact
expressions; their order is decided by enclosures, their equality by the routes of `scalar`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lemmata.types import Verdict
from lemmata.verify import inequality, interval, scalar
from lemmata.verify.expression import INFINITY, Node, add, is_value, neg, num, symbols

MINUS_INFINITY = neg(INFINITY)
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!=", "=": "="}


class NoSet(Exception):
    """Not a set of reals, or its ends cannot be ordered."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From `low` to `high`; a point is closed on both sides with equal ends."""

    low: Node
    low_closed: bool
    high: Node
    high_closed: bool


Pieces = tuple[Piece, ...]
LINE: Pieces = (Piece(MINUS_INFINITY, False, INFINITY, False),)


def compare_ends(left: Node, right: Node) -> int:
    """-1, 0, 1. Raises NoSet where the order is unknown."""
    if left == right:
        return 0
    signs = [scalar.sign_of_infinity(node) for node in (left, right)]
    if any(signs):
        a, b = (sign or 0 for sign in signs)
        return (a > b) - (a < b)
    found = interval.order(left, right)
    if found is not None:
        return found
    if scalar.equal_values(left, right).state == "correct":
        return 0
    raise NoSet("ends that cannot be ordered")


def of(node: Node) -> Pieces:
    """The pieces of a node. Raises NoSet."""
    head, args = node.head, node.args
    if head in ("all", "empty"):
        return LINE if head == "all" else ()
    if head == "interval":
        return _piece(args, node.value[0] == "[", node.value[1] == "]")
    if head in ("tuple", "bracket") and len(args) == 2:
        return _piece(args, head == "bracket", head == "bracket")
    if head == "set":
        return union([(Piece(point, True, point, True),) for point in map(_end, args)])
    rule = _RULES.get(head)
    if rule is None:
        raise NoSet(head)
    return rule(node)


def variable(node: Node) -> str | None:
    """The one variable that a condition speaks of."""
    names = symbols(node)
    return next(iter(names)) if len(names) == 1 else None


def _end(node: Node) -> Node:
    if not is_value(node) or symbols(node):
        raise NoSet("an end that is no number")
    return node


def _piece(args: tuple[Node, ...], low_closed: bool, high_closed: bool) -> Pieces:
    low, high = map(_end, args)
    found = compare_ends(low, high)
    low_closed &= low != MINUS_INFINITY
    high_closed &= high != INFINITY
    if found > 0 or (found == 0 and not (low_closed and high_closed)):
        if found > 0:
            raise NoSet("ends in the wrong order")
        return ()
    return (Piece(low, low_closed, high, high_closed),)


def _builder(what: Node, condition: Node) -> Pieces:
    if what.head == "rel" and what.value == ("\\in",):
        what, outer = what.args
        if what.head == "sym" and outer.head in ("all", "interval", "tuple", "bracket"):
            return intersection([of(outer), of(condition)])
    if what.head != "sym" or variable(condition) not in (what.value, None):
        raise NoSet("a condition on something else")
    return of(condition)


def _relation(node: Node) -> Pieces:
    """A chain such as 1 < x <= 3, or x in a set."""
    if node.value == ("\\in",):
        return of(node.args[1])
    if node.value == ("\\notin",):
        return complement(of(node.args[1]))
    pieces = LINE
    for left, operator, right in zip(node.args, node.value, node.args[1:], strict=False):
        pieces = intersection([pieces, _comparison(left, operator, right)])
    return pieces


def _comparison(left: Node, operator: str, right: Node) -> Pieces:
    """x < 3, 3 > x, 2x + 1 <= 7, x^2 < 4, 1/x > 2, |x| < 3."""
    if operator not in _FLIPPED:
        raise NoSet(operator)
    if symbols(right) and not symbols(left):
        left, operator, right = right, _FLIPPED[operator], left
    if symbols(right) or len(symbols(left)) != 1:
        return _solved(left, operator, right)
    if left.head == "call" and left.value == "abs":
        return _absolute(left.args[0], operator, right)
    if left.head != "sym":
        return _solved(left, operator, right)
    return _half_line(operator, right)


def _half_line(operator: str, end: Node) -> Pieces:
    if operator == "=":
        return (Piece(end, True, end, True),)
    if operator == "!=":
        return complement((Piece(end, True, end, True),))
    closed = operator.endswith("=")
    if operator[0] == "<":
        return (Piece(MINUS_INFINITY, False, end, closed),)
    return (Piece(end, closed, INFINITY, False),)


def _absolute(inside: Node, operator: str, end: Node) -> Pieces:
    if compare_ends(end, num(0)) < 0:
        raise NoSet("an absolute value below nought")
    if operator[0] == "<":
        return intersection(
            [_comparison(inside, operator, end), _comparison(inside, _FLIPPED[operator], neg(end))]
        )
    return union(
        [_comparison(inside, operator, end), _comparison(inside, _FLIPPED[operator], neg(end))]
    )


def _solved(left: Node, operator: str, right: Node) -> Pieces:
    """Quotients of polynomials in one name: pieces between the roots, and the roots that count."""
    names = symbols(left) | symbols(right)
    if len(names) != 1:
        raise NoSet("not a condition on one name")
    try:
        found = inequality.signs(add(left, neg(right)), names.pop(), compare_ends)
    except inequality.NotSolved as error:
        raise NoSet(str(error)) from error
    counts = {"<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (1, 0), "=": (0,), "!=": (-1, 1)}
    wanted = counts[operator]
    out: list[Pieces] = []
    sign, high = found.last, INFINITY
    for root, changes, defined in reversed(found.roots):
        if sign in wanted:
            out.append((Piece(root, False, high, False),))
        if defined and 0 in wanted:
            out.append((Piece(root, True, root, True),))
        sign, high = (-sign if changes else sign), root
    if sign in wanted:
        out.append((Piece(MINUS_INFINITY, False, high, False),))
    return union(out)


def complement(pieces: Pieces) -> Pieces:
    out, low, closed = [], MINUS_INFINITY, False
    for piece in pieces:
        if _nonempty(low, closed, piece.low, not piece.low_closed):
            out.append(Piece(low, closed, piece.low, not piece.low_closed))
        low, closed = piece.high, not piece.high_closed
    if _nonempty(low, closed, INFINITY, False):
        out.append(Piece(low, closed, INFINITY, False))
    return tuple(out)


def _nonempty(low: Node, low_closed: bool, high: Node, high_closed: bool) -> bool:
    found = compare_ends(low, high)
    return found < 0 or (found == 0 and low_closed and high_closed and low.value != "inf")


def intersection(sets: list[Pieces]) -> Pieces:
    found = sets[0]
    for other in sets[1:]:
        found = complement(union([complement(found), complement(other)]))
    return found


def union(sets: list[Pieces]) -> Pieces:
    """Merged pieces in order; insertion by comparison, for the few pieces that answers have."""
    ordered: list[Piece] = []
    for piece in (piece for pieces in sets for piece in pieces):
        at = 0
        while at < len(ordered) and _starts_before(ordered[at], piece):
            at += 1
        ordered.insert(at, piece)
    merged: list[Piece] = []
    for piece in ordered:
        if merged and _touches(merged[-1], piece):
            merged[-1] = _joined(merged[-1], piece)
        else:
            merged.append(piece)
    return tuple(merged)


def _starts_before(a: Piece, b: Piece) -> bool:
    found = compare_ends(a.low, b.low)
    return found < 0 or (found == 0 and a.low_closed)


def _touches(a: Piece, b: Piece) -> bool:
    found = compare_ends(a.high, b.low)
    return found > 0 or (found == 0 and (a.high_closed or b.low_closed))


def _joined(a: Piece, b: Piece) -> Piece:
    found = compare_ends(a.high, b.high)
    if found > 0:
        return a
    closed = b.high_closed or (found == 0 and a.high_closed)
    return Piece(a.low, a.low_closed, b.high, closed)


_RULES: dict[str, Callable[[Node], Pieces]] = {
    "union": lambda node: union([of(arg) for arg in node.args]),
    "or": lambda node: union([of(arg) for arg in node.args]),
    "inter": lambda node: intersection([of(arg) for arg in node.args]),
    "and": lambda node: intersection([of(arg) for arg in node.args]),
    "minus": lambda node: intersection([of(node.args[0]), complement(of(node.args[1]))]),
    "where": lambda node: _builder(node.args[0], node.args[1]),
    "rel": lambda node: _relation(node),
}


def equal_sets(left: Pieces, right: Pieces) -> Verdict:
    if len(left) != len(right):
        return Verdict("incorrect", "different sets")
    for a, b in zip(left, right, strict=True):
        if (a.low_closed, a.high_closed) != (b.low_closed, b.high_closed):
            return Verdict("incorrect", "an end belongs to one of the sets only")
        for x, y in ((a.low, b.low), (a.high, b.high)):
            found = scalar.equal_values(x, y)
            if found.state != "correct":
                return found
    return scalar.CORRECT
