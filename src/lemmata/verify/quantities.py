"""Values with a mark: units, percent, degrees, ratios, times of day, numerals in a base."""

from __future__ import annotations

from fractions import Fraction

from lemmata.types import Verdict
from lemmata.verify import interval, words
from lemmata.verify.expression import Node, call, is_value, mul, num, symbols
from lemmata.verify.parse import DEGREE
from lemmata.verify.verdicts import CORRECT, Compare, incorrect, undecided

HEADS = frozenset(("quantity", "percent", "ratio", "clock", "based", "mod", "approx"))


def in_degrees(node: Node) -> Node | None:
    """x of x°, also of -x°."""
    if node.head == "neg" and (inner := in_degrees(node.args[0])):
        return Node("neg", (inner,))
    if node.head == "mul" and node.args[-1] == DEGREE:
        return node.args[0] if len(node.args) == 2 else Node("mul", node.args[:-1])
    return None


def degrees(left: Node, right: Node, compare: Compare) -> Verdict | None:
    """45° is π/4; a bare 45 is taken for 45° where the other side has the sign."""
    a, b = in_degrees(left), in_degrees(right)
    if (a is None) == (b is None):
        return None
    marked, bare = (a, right) if a is not None else (b, left)
    assert marked is not None
    if bare.head == "quantity":
        radians = bare.value.dimension == "angle"
        return compare(_radians(marked) if radians else marked, bare.args[0])
    if not is_value(bare):
        return None
    exact = (
        compare(mul(marked, DEGREE), num(0)) if bare == num(0) else compare(_radians(marked), bare)
    )
    if exact.state == "correct" or any(n.head == "const" and n.value == "pi" for n in bare.walk()):
        return exact
    return compare(marked, bare)


def _radians(marked: Node) -> Node:
    return Node("div", (mul(marked, Node("const", (), "pi")), num(180)))


def marked(left: Node, right: Node, compare: Compare) -> Verdict:
    """At least one side has a head of HEADS."""
    for head, rule in _RULES.items():
        if left.head == head:
            return rule(left, right, compare)
        if right.head == head:
            return rule(right, left, compare)
    raise AssertionError("no mark on either side")


def _quantity(left: Node, right: Node, compare: Compare) -> Verdict:
    if right.head != "quantity":
        if right.head == "percent":
            return incorrect("a unit against a percentage")
        found = compare(left.args[0], right)
        scale = words.MULTIPLES.get(left.value.name)
        if found.state == "incorrect" and symbols(right) and not symbols(left):
            return undecided("a unit against a letter, which may be one")
        if found.state == "correct" or scale is None:
            return found
        return compare(mul(left.args[0], num(scale)), right)
    a, b = left.value, right.value
    if a.dimension and a.dimension == b.dimension:
        return compare(_in_base(left), _in_base(right))
    if {a.dimension, b.dimension} == {"temperature-c", "temperature-f"}:
        celsius, other = (left, right) if a.dimension == "temperature-c" else (right, left)
        scaled = mul(celsius.args[0], num(Fraction(9, 5)))
        return compare(Node("add", (scaled, num(32))), other.args[0])
    if a.dimension and b.dimension:
        return incorrect(f"{a.name} against {b.name}")
    found = compare(left.args[0], right.args[0])
    if found.state == "correct" and a.name != b.name:
        return undecided(f"the same number, of {a.name} and of {b.name}")
    return found


def _in_base(node: Node) -> Node:
    factor = node.value.factor
    return node.args[0] if factor == 1 else mul(node.args[0], num(factor))


def _percent(left: Node, right: Node, compare: Compare) -> Verdict:
    """50% is 0.5; where the other side is the bare 50, its percent sign was left out."""
    if right.head == "percent":
        return compare(left.args[0], right.args[0])
    found = compare(Node("div", (left.args[0], num(100))), right)
    if found.state == "correct" or not is_value(right):
        return found
    bare = compare(left.args[0], right)
    if bare.state != "correct":
        return found
    if interval.order(num(1), right) != -1:  # 0.5 is a share itself
        return undecided("the same but for the percent sign")
    return Verdict("correct", "equal but for the percent sign")


def _ratio(left: Node, right: Node, compare: Compare) -> Verdict:
    """2:3 = 4:6, and 2:3 stands for 2/3."""
    if right.head == "ratio":
        if len(left.args) != len(right.args):
            return incorrect("ratios of different lengths")
        pairs = zip(left.args[1:], right.args[1:], strict=True)
        for a, b in pairs:
            found = compare(mul(left.args[0], b), mul(right.args[0], a))
            if found.state != "correct":
                return found
        return CORRECT
    if len(left.args) == 2:
        return compare(Node("div", left.args), right)
    return incorrect("a ratio against something else")


def _clock(left: Node, right: Node, compare: Compare) -> Verdict:
    if right.head != "clock":
        hours, minutes, seconds, half = left.value
        if seconds or half:
            return incorrect("a time against something else")
        return _ratio(Node("ratio", (num(hours), num(minutes))), right, compare)
    if left.value[:3] == right.value[:3] and not (left.value[3] and right.value[3]):
        return CORRECT
    a, b = (_seconds(node) for node in (left, right))
    if left.value[3] and right.value[3]:
        return CORRECT if a == b else incorrect("different times")
    if a == b:
        return CORRECT
    proportional = left.value[0] * right.value[1] == right.value[0] * left.value[1]
    return (
        undecided("equal as ratios, not as times") if proportional else incorrect("different times")
    )


def _seconds(node: Node) -> int:
    hours, minutes, seconds, half = node.value
    if half:
        hours = hours % 12 + (12 if half.startswith("p") else 0)
    return int(hours * 3600 + minutes * 60 + seconds)


def _based(left: Node, right: Node, _: Compare) -> Verdict:
    """Digits without their base may be the same numeral, or another one of the same look."""
    digits, base = left.value
    if right.head == "based":
        values = [_value(node) for node in (left, right)]
        return (
            CORRECT
            if values[0] is not None and values[0] == values[1]
            else incorrect("different numerals")
        )
    if right.head != "num":
        return undecided("a numeral in a base against something else")
    if base == 10:
        return CORRECT if _value(left) == right.value else incorrect("different numerals")
    if len(digits) < 300 and digits.isdigit() and int(digits) == right.value:
        return undecided("the same digits, without the base")
    if _value(left) == right.value:
        return undecided(f"the same number, not written in base {base}")
    return incorrect("different numerals")


def _value(node: Node) -> int | None:
    digits, base = node.value
    try:
        return int(digits, base)
    except ValueError:
        return None


def _residue(left: Node, right: Node, compare: Compare) -> Verdict:
    residue, modulus = left.args
    if right.head != "mod":
        if compare(residue, right).state == "correct":
            return undecided("a residue class against a number")
        return compare(call("mod", residue, modulus), right)
    same = compare(modulus, right.args[1])
    if same.state != "correct":
        return same
    classes = [Node("call", (part, modulus), "mod") for part in (residue, right.args[0])]
    return compare(classes[0], classes[1])


def _approx(left: Node, right: Node, compare: Compare) -> Verdict:
    """A value marked ≈ is never proved equal to an exact one; it can be refuted by its digits."""
    others = right.args if right.head == "approx" else (right,)
    if any(compare(a, b).state == "correct" for a in left.args for b in others):
        return CORRECT
    other = others[0]
    found = compare(left.args[0], other)
    if not is_value(other) or left.args[0].head != "num":
        return found
    try:
        difference = interval.enclosure(Node("add", (left.args[0], Node("neg", (other,)))), {})
    except interval.Undefined:
        return found
    near = abs(difference.real) < abs(interval.ball(left.args[0].value)) / 200
    return undecided("approximately equal") if near else incorrect("different values")


_RULES = {
    "approx": _approx,
    "quantity": _quantity,
    "percent": _percent,
    "clock": _clock,
    "ratio": _ratio,
    "based": _based,
    "mod": _residue,
}
