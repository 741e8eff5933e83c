"""Checks one comparison of numbers as people write them: rounded, with percent signs, modulo m."""

from __future__ import annotations

from fractions import Fraction

import flint

from lemmata.verify import exact, interval, magnitude, normalform, scalar
from lemmata.verify.expression import Node, add, neg, num

HOLDS, FAILS, UNKNOWN = "holds", "fails", "unchecked"
MODULUS_BITS = 4096


def constant(node: Node) -> Fraction | None:
    """The value as a rational number, if it is one and within reach."""
    try:
        return normalform.of(node).constant()
    except (exact.TooCostly, exact.NotExact):
        return None


def degree(node: Node) -> int | None:
    """The total degree of a polynomial in variables; None for anything else."""
    try:
        form = normalform.of(node)
    except (exact.TooCostly, exact.NotExact):
        return None
    if form.bottom is not exact.ONE:
        return None
    found = 0
    for monomial in form.top:
        if any(":" in name or "#" in name or Fraction(p).denominator != 1 for name, p in monomial):
            return None
        found = max(found, sum(int(p) for _, p in monomial))
    return found


def terms(node: Node) -> list[tuple[str, ...]] | None:
    """The names in each term of a polynomial; None for anything else."""
    if degree(node) is None:
        return None
    return [tuple(name for name, _ in monomial) for monomial in normalform.of(node).top]


def show(node: Node) -> str:
    """The value for a person: exact where short, else twelve digits."""
    value = constant(node)
    if value is None:
        try:
            ball = interval.enclosure(node, {})
        except interval.Undefined:
            return "something else"
        return str(ball.real.str(12, radius=False)) if ball.imag.contains(0) else "a complex number"
    if value.denominator == 1:
        return str(value.numerator) if value.numerator.bit_length() < 200 else "a larger number"
    places = decimals(value)
    if places is not None and places <= 12:
        return f"{float(value):.{places}f}"
    return (
        f"{value.numerator}/{value.denominator}"
        if value.denominator < 10**6
        else f"{float(value):.6g}"
    )


def decimals(value: Fraction) -> int | None:
    """How many decimals a value needs; None where they never end."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return None
    places = 0
    while value.denominator != 1:
        value, places = value * 10, places + 1
    return places


def holds(left: Node, operator: str, right: Node, rounding: bool) -> str:
    """Whether two values without variables stand in the relation; rounding of the right allowed to
    its own last decimal, and to whole numbers where the sentence says so."""
    if operator == "\\approx":
        found = _equal(left, right, rounding=True)
        return UNKNOWN if found == FAILS and _near(left, right) else found
    if operator in ("=", "!="):
        state = _equal(left, right, rounding)
        return {HOLDS: FAILS, FAILS: HOLDS}.get(state, state) if operator == "!=" else state
    if operator in ("<", ">", "<=", ">="):
        return _ordered(left, operator, right)
    return UNKNOWN


def _near(left: Node, right: Node) -> bool:
    """Within a tenth of each other: 2^10 ≈ 1000 is nobody's mistake."""
    try:
        a, b = interval.enclosure(left, {}), interval.enclosure(right, {})
    except interval.Undefined:
        return False
    return bool(abs(a - b) * 10 < abs(a))


def _ordered(left: Node, operator: str, right: Node) -> str:
    found = interval.order(left, right)
    if found is None:
        equal = scalar.quickly(left, right).state == "correct"
        return UNKNOWN if not equal else HOLDS if operator.endswith("=") else FAILS
    wanted = {"<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (1, 0)}[operator]
    return HOLDS if found in wanted else FAILS


def _equal(left: Node, right: Node, rounding: bool) -> str:
    a, b = constant(left), constant(right)
    if a is not None and b is not None:
        if (
            _same_residue(left, a, b)
            or a == b
            or _rounds(a, b, rounding)
            or _with_percent(left, right, rounding)
        ):
            return HOLDS
        return FAILS
    if magnitude.huge(left) or magnitude.huge(right):
        return FAILS if magnitude.apart(left, right) else UNKNOWN
    if b is not None and _close(left, b, rounding):
        return HOLDS
    state = scalar.quickly(left, right).state
    return {"correct": HOLDS, "incorrect": FAILS}.get(state, UNKNOWN)


def _same_residue(left: Node, value: Fraction, written: Fraction) -> bool:
    """26 mod 27 = -1: another name of the same residue class."""
    if left.head != "call" or left.value != "mod" or len(left.args) != 2:
        return False
    modulus = constant(left.args[1])
    return modulus is not None and modulus != 0 and (value - written) % modulus == 0


def _rounds(value: Fraction, written: Fraction, rounding: bool) -> bool:
    """Whether `written` is `value` cut or rounded to the decimals it shows."""
    places = decimals(written)
    if places is None or (places == 0 and not rounding):
        return False
    if decimals(value) is not None and places >= (decimals(value) or 0):
        return False  # nothing had to be rounded
    return abs(value - written) < Fraction(1, 10**places)


def _close(left: Node, written: Fraction, rounding: bool) -> bool:
    """√2 = 1.414: an irrational value to the decimals shown."""
    places = decimals(written)
    if places is None or (places == 0 and not rounding):
        return False
    try:
        value = interval.enclosure(add(left, neg(num(written))), {})
    except interval.Undefined:
        return False
    return bool(abs(value) < interval.ball(Fraction(1, 10**places)))


def _with_percent(left: Node, right: Node, rounding: bool) -> bool:
    """20/100 * 100 = 20%, 3/7 * 100% = 42.857: the sign may be a unit on either side."""
    for a, b in (
        (_without_percent(left), right),
        (left, _without_percent(right)),
        (_without_percent(left), _without_percent(right)),
    ):
        if a == left and b == right:
            continue
        found, written = constant(a), constant(b)
        if (
            found is not None
            and written is not None
            and (found == written or _rounds(found, written, rounding))
        ):
            return True
    if "percent" not in (left.head, right.head):
        return False
    found, written = constant(_without_percent(left)), constant(_without_percent(right))
    if found is None or written is None:
        return False
    return found * 100 == written or _rounds(found * 100, written, rounding)


def _without_percent(node: Node) -> Node:
    if node.head == "percent":
        return node.args[0]
    return Node(node.head, tuple(map(_without_percent, node.args)), node.value)


def residue(node: Node, modulus: int) -> int | None:
    """The value modulo `modulus`, without forming it: powers by repeated squaring."""
    if not 0 < modulus.bit_length() <= MODULUS_BITS:
        return None
    head, args = node.head, node.args
    if head == "num":
        top, bottom = node.value.numerator, node.value.denominator
        try:
            return (
                int(top * pow(bottom, -1, modulus) % modulus) if bottom != 1 else int(top % modulus)
            )
        except ValueError:
            return None
    if head == "pow":
        base, exponent = residue(args[0], modulus), constant(args[1])
        if base is None or exponent is None or exponent.denominator != 1 or exponent < 0:
            return None
        return pow(base, int(exponent), modulus)
    if head not in ("add", "mul", "neg"):
        value = constant(node)
        return int(value) % modulus if value is not None and value.denominator == 1 else None
    parts = [residue(arg, modulus) for arg in args]
    if None in parts:
        return None
    known = [part for part in parts if part is not None]
    if head == "neg":
        return -known[0] % modulus
    total = 0 if head == "add" else 1
    for part in known:
        total = (total + part if head == "add" else total * part) % modulus
    return total


def has_property(value: int, name: str) -> bool:
    """prime, composite, odd, even, perfect square, perfect cube."""
    number = flint.fmpz(value)
    if name == "prime":
        return bool(value > 1 and number.is_prime())
    if name == "composite":
        return bool(value > 3 and not number.is_prime())
    if name in ("odd", "even"):
        return (value % 2 == 1) == (name == "odd")
    degree = 2 if name == "perfect square" else 3
    return value >= 0 and int(number.root(degree)) ** degree == value
