"""Are two plain values equal? The routes in their order, cheapest and surest first."""

from __future__ import annotations

from contextvars import ContextVar
from fractions import Fraction

from lemmata.types import Verdict
from lemmata.verify import algebraic, exact, interval, magnitude, normalform
from lemmata.verify.expression import E, Node, add, neg, num, symbols
from lemmata.verify.pool import WorkerLost, shared
from lemmata.verify.units import Unit

CORRECT = Verdict("correct", "equal")
INCORRECT = Verdict("incorrect", "different values")
CPU_S, WALL_S = 2.5, 3.0
"""What the algebra system may compute and be waited for, over all that one verdict asks of it."""
_left_s: ContextVar[float] = ContextVar("left_s")


def undecided(reason: str) -> Verdict:
    return Verdict("undecided", reason)


def equal_values(left: Node, right: Node) -> Verdict:
    """Exact normal forms; then enclosures, which can only refute; then the algebra system."""
    found = quickly(left, right)
    if found.reason != _HARD.reason:
        return found
    if any(isinstance(part.value, Unit) for node in (left, right) for part in node.walk()):
        return undecided("a unit inside a value")
    return by_algebra_system({"left": encode(left), "right": encode(right)})


_HARD = undecided("not decided without the algebra system")


def quickly(left: Node, right: Node) -> Verdict:
    """All routes but the algebra system, within milliseconds."""
    if left == right:
        return CORRECT
    if left.head == right.head == "num":
        return INCORRECT
    if _unsaid_base(left) or _unsaid_base(right):
        return _with_bases(left, right)
    if _infinite(left) or _infinite(right):
        return _infinities(left, right)
    found = _exactly(left, right)
    if found is not None:
        return CORRECT if found else INCORRECT
    if magnitude.huge(left) or magnitude.huge(right):
        return _giants(left, right)
    if interval.differ(left, right):
        return INCORRECT
    if not symbols(left) and not symbols(right):
        zero = algebraic.is_zero(add(left, neg(right)))
        if zero is not None:
            return CORRECT if zero else INCORRECT
    return _HARD


def allow() -> None:
    """A verdict begins: nothing is spent yet."""
    _left_s.set(WALL_S)


def by_algebra_system(task: dict[str, object]) -> Verdict:
    left = _left_s.get(WALL_S)
    if left <= 0:
        return undecided("no time left for the algebra system")
    try:
        reply = shared().ask(task, min(CPU_S, left), left)
    except WorkerLost as lost:
        _left_s.set(0.0)
        return undecided(str(lost))
    _left_s.set(left - reply["took_s"])
    if "undecided" in reply:
        return undecided(reply["undecided"])
    return CORRECT if reply["equal"] else INCORRECT


def _exactly(left: Node, right: Node) -> bool | None:
    try:
        return exact.vanishes(normalform.of(left) - normalform.of(right))
    except (exact.TooCostly, exact.NotExact):
        return None


def _giants(left: Node, right: Node) -> Verdict:
    """Powers too large to form: compared by their exponents, or by their size."""
    if left.head == right.head == "pow" and left.args[0] == right.args[0]:
        base = left.args[0]
        if base.head == "num" and base.value > 1:
            return equal_values(left.args[1], right.args[1])
    if left.head == right.head == "fact":
        return equal_values(left.args[0], right.args[0])
    if magnitude.apart(left, right):
        return INCORRECT
    return undecided("too large to evaluate")


def _infinite(node: Node) -> bool:
    return any(part.head == "const" and part.value == "inf" for part in node.walk())


def _infinities(left: Node, right: Node) -> Verdict:
    """∞ and -∞ are equal to themselves only; arithmetic with them is not attempted."""
    signs = [sign_of_infinity(node) for node in (left, right)]
    if None in signs and _infinite(left) and _infinite(right):
        return undecided("arithmetic with infinity")
    return CORRECT if signs[0] == signs[1] else INCORRECT


def sign_of_infinity(node: Node) -> int | None:
    if node.head == "const" and node.value == "inf":
        return 1
    if node.head == "neg" and (inner := sign_of_infinity(node.args[0])):
        return -inner
    return None


def _unsaid_base(node: Node) -> bool:
    return any(part.head == "const" and part.value == "logbase" for part in node.walk())


def _with_bases(left: Node, right: Node) -> Verdict:
    """A bare "log" may be decimal or natural; where it matters, only a plain number settles it."""
    ten, natural = (
        equal_values(_substitute(left, base), _substitute(right, base)) for base in (num(10), E)
    )
    if ten.state == natural.state:
        return ten
    either = "correct" in (ten.state, natural.state)
    if either and (left.head == "num" or right.head == "num"):
        return CORRECT
    return undecided("it depends on the base of the logarithm") if either else ten


def _substitute(node: Node, base: Node) -> Node:
    if node.head == "const" and node.value == "logbase":
        return base
    return Node(node.head, tuple(_substitute(arg, base) for arg in node.args), node.value)


def encode(node: Node) -> list[object]:
    """The tree as plain JSON for the worker: [head, value, args]."""
    value = node.value
    if isinstance(value, Fraction):
        value = [f"{value.numerator:x}", f"{value.denominator:x}"]  # json cannot print long ones
    return [node.head, value, [encode(arg) for arg in node.args]]
