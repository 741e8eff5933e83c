"""Rigorous enclosures (Arb's balls through python-flint) of a value at a point.

Disjoint enclosures prove two values different; overlapping ones prove nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random

import flint
from flint import acb, arb, fmpq

from lemmata.verify.expression import Node, symbols

Point = Mapping[str, Fraction]
_lock = threading.Lock()
"""Arb's working precision is one global; whoever sets it holds this."""


class Undefined(Exception):
    """No enclosure: a division by zero, a function it does not know, infinity."""


def enclosure(node: Node, point: Point, bits: int = 128) -> acb:
    """The ball that contains the value. Raises Undefined; the caller needs no lock."""
    with _lock:
        before, flint.ctx.prec = flint.ctx.prec, bits
        try:
            value = _value(node, point)
        except (ZeroDivisionError, OverflowError, ValueError, TypeError) as error:
            raise Undefined(str(error)) from error
        finally:
            flint.ctx.prec = before
    if not value.is_finite():
        raise Undefined("not finite")
    return value


def order(left: Node, right: Node) -> int | None:
    """-1, 0 only for identical nodes, 1, or None where the reals cannot be told apart."""
    if left == right:
        return 0
    for bits in (64, 256, 1024):
        try:
            a, b = enclosure(left, {}, bits), enclosure(right, {}, bits)
        except Undefined:
            return None
        if not (a.imag.contains(0) and b.imag.contains(0)):
            return None
        if a.real < b.real:
            return -1
        if a.real > b.real:
            return 1
    return None


def differ(left: Node, right: Node, bits: int = 128) -> bool:
    """True where a point proves that the two are not the same function (or number)."""
    names = sorted(symbols(left) | symbols(right))
    if not names:
        return any(_differ_at(left, right, {}, b) is True for b in (bits, 4 * bits, 16 * bits))
    whole = _wants_integers(left) or _wants_integers(right)
    found = [_differ_at(left, right, point, bits) for point in points(names, whole)]
    return True in found


def points(names: list[str], whole: bool) -> list[dict[str, Fraction]]:
    """Fixed "random" points: positive ones, mixed signs, then small ones. The same on each call."""
    random = Random(20_241_123)  # noqa: S311 - sampling, no secret
    if whole:
        return [{name: Fraction(random.randint(2, 9)) for name in names} for _ in range(4)]
    spans = (
        (300, 3000),
        (300, 3000),
        (-3000, -300),
        (-3000, 3000),
        (10, 990),
        (-990, 990),
        (3000, 90000),
    )
    return [{name: Fraction(random.randint(*span), 1009) for name in names} for span in spans]


def _wants_integers(node: Node) -> bool:
    """Factorials, binomials and (-1)^n speak of whole numbers only."""
    for part in node.walk():
        counting = part.head == "fact" or (
            part.head == "call" and part.value in ("binom", "perm", "gcd", "lcm", "mod", "fact2")
        )
        signed = part.head == "pow" and part.args[0].head in ("neg", "num") and (
            part.args[0].head == "neg" or part.args[0].value < 0
        )  # fmt: skip
        if (counting or signed) and symbols(part):
            return True
    return False


def _differ_at(left: Node, right: Node, point: Point, bits: int) -> bool | None:
    """None where either is undefined or one of them leaves the reals."""
    try:
        a, b = enclosure(left, point, bits), enclosure(right, point, bits)
    except Undefined:
        return None
    if point and not (a.imag.contains(0) and b.imag.contains(0)):
        return None
    return not a.overlaps(b)


def _value(node: Node, point: Point) -> acb:
    head = node.head
    if head == "num":
        return acb(ball(node.value))
    if head == "sym":
        return acb(ball(point[node.value])) if node.value in point else _unknown(node.value)
    if head == "const":
        return _constant(node.value)
    rule = _RULES.get(head)
    if rule is None:
        raise Undefined(head)
    return rule(node, [_value(arg, point) for arg in node.args])


def _unknown(name: str) -> acb:
    raise Undefined(f"no value for {name}")


def ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _constant(name: str) -> acb:
    if name == "pi":
        return acb(arb.pi())
    if name == "e":
        return acb(arb.const_e())
    if name == "i":
        return acb(0, 1)
    if name == "deg":
        return acb(arb.pi() / 180)
    raise Undefined(name)


def _sum(_: Node, args: list[acb]) -> acb:
    total = args[0]
    for arg in args[1:]:
        total = total + arg
    return total


def _product(_: Node, args: list[acb]) -> acb:
    total = args[0]
    for arg in args[1:]:
        total = total * arg
    return total


def _quotient(_: Node, args: list[acb]) -> acb:
    if args[1].contains(0):
        raise Undefined("division by zero")
    return args[0] / args[1]


def _power(node: Node, args: list[acb]) -> acb:
    base, exponent = args
    power = node.args[1]
    negative = power.head == "neg" or (power.head == "num" and power.value < 0)
    if negative and base.contains(0):
        raise Undefined("division by zero")
    if power.head == "num" and power.value.denominator == 1 and abs(power.value) < 1 << 60:
        return base ** int(power.value)
    if power.head == "num" and power.value.denominator % 2 and base.real < 0 and base.imag == 0:
        return _odd_power(base, power.value)
    whole = exponent.real.unique_fmpz() if exponent.imag == 0 and exponent.real.is_exact() else None
    return base**whole if whole is not None else base**exponent


def _odd_power(base: acb, exponent: Fraction) -> acb:
    """(-8)^(1/3) is -2, as in school, not the principal value."""
    size = (-base) ** acb(ball(exponent))
    return -size if exponent.numerator % 2 else size


def _root(node: Node, args: list[acb]) -> acb:
    index = node.args[1]
    if index.head == "num" and index.value == 2:
        return args[0].sqrt()
    if index.head == "num" and index.value.numerator % 2 and args[0].real < 0 and args[0].imag == 0:
        return _odd_power(args[0], 1 / index.value)
    return args[0] ** (1 / args[1])


def _factorial(_: Node, args: list[acb]) -> acb:
    return (args[0] + 1).gamma()


def _choose(node: Node, args: list[acb]) -> acb:
    n, k = args
    falling = (n + 1).gamma() * (n - k + 1).rgamma()
    return falling if node.value == "perm" else falling * (k + 1).rgamma()


def _log(_: Node, args: list[acb]) -> acb:
    if args[0].contains(0):
        raise Undefined("logarithm of zero")
    return args[0].log() / args[1].log()


def _real(value: acb) -> arb:
    if not value.imag.contains(0):
        raise Undefined("not real")
    return value.real


def _call(node: Node, args: list[acb]) -> acb:
    name = node.value
    if name == "log":
        return _log(node, args)
    if name in ("binom", "perm"):
        return _choose(node, args)
    if name in ("max", "min"):
        reals = [_real(arg) for arg in args]
        total = reals[0]
        for value in reals[1:]:
            total = total.max(value) if name == "max" else total.min(value)
        return acb(total)
    if name == "mod":
        a, b = map(_real, args)
        return acb(a - b * (a / b).floor())
    rule = _FUNCTIONS.get(name)
    if rule is None or len(args) != 1:
        raise Undefined(name)
    if abs(args[0]) > _FAR:  # reducing such an angle takes as many digits as it has
        raise Undefined(f"{name} of a giant")
    return rule(args[0])


_FAR = arb(2) ** 4000
_FUNCTIONS: dict[str, Callable[[acb], acb]] = {
    "sin": lambda z: z.sin(),
    "cos": lambda z: z.cos(),
    "tan": lambda z: z.tan(),
    "cot": lambda z: z.cot(),
    "sec": lambda z: 1 / z.cos(),
    "csc": lambda z: 1 / z.sin(),
    "arcsin": lambda z: z.asin(),
    "arccos": lambda z: z.acos(),
    "arctan": lambda z: z.atan(),
    "arccot": lambda z: acb(arb.pi() / 2) - z.atan(),
    "sinh": lambda z: z.sinh(),
    "cosh": lambda z: z.cosh(),
    "tanh": lambda z: z.tanh(),
    "abs": lambda z: acb(abs(z)),
    "floor": lambda z: acb(_real(z).floor()),
    "ceil": lambda z: acb(_real(z).ceil()),
}

_RULES: dict[str, Callable[[Node, list[acb]], acb]] = {
    "add": _sum,
    "mul": _product,
    "neg": lambda _, args: -args[0],
    "div": _quotient,
    "pow": _power,
    "root": _root,
    "fact": _factorial,
    "percent": lambda _, args: args[0] / 100,
    "call": _call,
}
