"""Answers with a free letter: x = π/4 + kπ for every whole k, and antiderivatives with + C."""

from __future__ import annotations

import re
from fractions import Fraction

from lemmata.types import Verdict
from lemmata.verify import interval, relations
from lemmata.verify.expression import Node, add, is_value, mul, neg, num, symbols
from lemmata.verify.scalar import equal_values as compare_values
from lemmata.verify.verdicts import CORRECT, Compare, in_any_order, incorrect, undecided

_DECLARED = re.compile(
    r"[,;]?\s*(?:\(\s*)?(?:«?(?:其中|where|for|with|for all|for any)»?\s*)?"
    r"(?<![A-Za-z\\])([kmnlKN])\s*(?:\\in\s*(?:\\integers|Z(?![A-Za-z]))|(?:«\s*)?(?:是|为)(?:任意)?整数(?:\s*»)?"
    r"|(?:«\s*)?(?:is )?(?:an |any )?integer(?:\s*»)?)\s*(?:\))?\s*\Z"
)
_CONSTANTS = frozenset(("C", "c", "K", "C_1", "C_0", "c_1", "const", "k"))


def declared(plain: str) -> tuple[str, str] | None:
    """The text before "k ∈ ℤ" at its end, and the letter."""
    match = _DECLARED.search(plain)
    before = plain[: match.start()].rstrip(" ,;") if match else ""
    return (before, match[1]) if match and before else None


def family(node: Node) -> Node:
    """{2k : k ∈ ℤ} and "x = 2k, k ∈ ℤ" as family(2k) in k; anything else as it is."""
    if node.head == "where":
        what, condition = node.args
        if condition.head == "and" and (inner := family(condition)).head == "family":
            return inner  # {x | x = kπ, k ∈ ℤ}
        letter = _whole(condition)
        if letter and letter in symbols(what):
            return Node("family", (what,), letter)
    if node.head == "and" and len(node.args) > 1 and (letter := _whole(node.args[-1])):
        rest = node.args[:-1]
        return Node("family", (rest[0] if len(rest) == 1 else Node("or", rest),), letter)
    return node


def _whole(condition: Node) -> str:
    """k of k ∈ ℤ."""
    if condition.head != "rel" or condition.value != ("\\in",):
        return ""
    name, where = condition.args
    return str(name.value) if name.head == "sym" and where.value == "\\integers" else ""


def families(left: Node, right: Node, compare: Compare) -> Verdict | None:
    """At least one side says over which letter it runs."""
    sides = [node for node in (left, right) if node.head == "family"]
    if not sides:
        return _undeclared(left, right, compare)
    letters = [node.value if node.head == "family" else sides[0].value for node in (left, right)]
    members = [_members(node.args[0] if node.head == "family" else node) for node in (left, right)]
    if not all(map(_runs, (left, right), letters)):
        return undecided("a family of values against something else")
    ours, theirs = (
        [replaced(member, letter, _INDEX) for member in some]
        for some, letter in zip(members, letters, strict=True)
    )
    found = in_any_order(ours, theirs, lambda a, b: _same_family(a, b, compare))
    if found.state == "correct" or len(ours) == len(theirs) == 1:
        return found
    return undecided("unions of families that may overlap")


_INDEX = Node("sym", (), "«index»")


def _undeclared(left: Node, right: Node, compare: Compare) -> Verdict | None:
    """π/2 + kπ against kπ - π/2: one family, if k runs over the whole numbers."""
    names = symbols(left)
    if names != symbols(right) or names not in ({"k"}, {"n"}, {"m"}):
        return None
    if not all(is_value(node) and _turns(node) for node in (left, right)):
        return None
    (name,) = names
    ours, theirs = (replaced(node, name, _INDEX) for node in (left, right))
    found = _same_family(ours, theirs, compare)
    if found.state != "correct" or compare_values(left, right).state == "correct":
        return None
    return undecided(f"one family if {name} runs over the whole numbers")


def _turns(node: Node) -> bool:
    return any(part.head == "const" and part.value in ("pi", "deg") for part in node.walk())


def _runs(node: Node, letter: str) -> bool:
    return letter in symbols(node)


def _members(node: Node) -> list[Node]:
    parts = node.args if node.head in ("and", "or", "set") else (node,)
    return [relations.value_of(part) or part for part in parts]


def replaced(node: Node, name: str, value: Node) -> Node:
    if node.head == "sym":
        return value if node.value == name else node
    return Node(node.head, tuple(replaced(arg, name, value) for arg in node.args), node.value)


def _same_family(a: Node, b: Node, compare: Compare) -> Verdict:
    """Both a·k + b: equal steps but for the sign, the starts a whole number of steps apart."""
    if compare(a, b).state == "correct":
        return CORRECT
    lines = [_line(node, compare) for node in (a, b)]
    if lines[0] is None or lines[1] is None:
        return undecided("families that cannot be compared")
    (start, step), (other_start, other_step) = lines[0], lines[1]
    same = compare(step, other_step)
    if same.state != "correct":
        turned = compare(step, neg(other_step))
        if turned.state != "correct":
            both = same.state == turned.state == "incorrect"
            return incorrect("different steps") if both else undecided("steps not told apart")
    return _whole_steps(Node("div", (add(start, neg(other_start)), step)), compare)


def _whole_steps(shift: Node, compare: Compare) -> Verdict:
    try:
        value = interval.enclosure(shift, {}).real
    except interval.Undefined:
        return undecided("starts that cannot be compared")
    nearest = value.mid().floor() if value.is_finite() else None
    if nearest is None:
        return undecided("starts that cannot be compared")
    low = Fraction(int(nearest.unique_fmpz() or 0))
    verdicts = [compare(shift, num(low + more)) for more in (0, 1)]
    if any(verdict.state == "correct" for verdict in verdicts):
        return CORRECT
    if all(verdict.state == "incorrect" for verdict in verdicts):
        return incorrect("the families start elsewhere")
    return undecided("starts that cannot be compared")


def _line(node: Node, compare: Compare) -> tuple[Node, Node] | None:
    """(start, step) of a linear family without other names."""
    if not is_value(node) or symbols(node) != {_INDEX.value}:
        return None
    at = [replaced(node, _INDEX.value, num(k)) for k in (0, 1, 5)]
    step = add(at[1], neg(at[0]))
    straight = compare(add(at[2], neg(at[0])), mul(num(5), step))
    return (at[0], step) if straight.state == "correct" else None


def antiderivatives(left: Node, right: Node, compare: Compare) -> Verdict | None:
    """F + C against G + c: the same where F and G differ by a constant."""
    a, b = _without_constant(left), _without_constant(right)
    if a is None or b is None or "C" not in (a[1][0], b[1][0]):
        return None
    (first, _), (second, _) = a, b
    if not symbols(first) or symbols(first) != symbols(second):
        return None
    found = compare(first, second)
    if found.state == "correct":
        return found
    return _up_to_constant(first, second, compare)


def _up_to_constant(first: Node, second: Node, compare: Compare) -> Verdict:
    """Refuted by the gap at two points; proved where the gap there is the gap everywhere."""
    gap = add(first, neg(second))
    names = sorted(symbols(gap))
    points = interval.points(names, False)[:2]
    values = [_at(gap, {name: num(value) for name, value in point.items()}) for point in points]
    apart = compare(values[0], values[1])
    if apart.state == "incorrect":
        return incorrect("different antiderivatives")
    proved = compare(first, add(second, values[0]))
    return CORRECT if proved.state == "correct" else undecided("perhaps equal up to a constant")


def _at(node: Node, point: dict[str, Node]) -> Node:
    for name, value in point.items():
        node = replaced(node, name, value)
    return node


def _without_constant(node: Node) -> tuple[Node, str] | None:
    if node.head != "add" or not is_value(node):
        return None
    constants = [arg for arg in node.args if arg.head == "sym" and arg.value in _CONSTANTS]
    if len(constants) != 1:
        return None
    rest = tuple(arg for arg in node.args if arg is not constants[0])
    found = rest[0] if len(rest) == 1 else add(*rest)
    return None if constants[0].value in symbols(found) else (found, str(constants[0].value))
