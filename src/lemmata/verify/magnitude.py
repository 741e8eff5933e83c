"""How large a value is, without forming it: bounds on |x| as towers of twos.

A tower (h, x) stands for 2^(2^(…^x)) with h twos and 0 <= x < 1024 or so; it orders numbers that no
memory holds. Used before anything is evaluated, and to tell 5^(5^(5^5)) from 7 at once.
"""

from __future__ import annotations

from functools import total_ordering
from math import lgamma, log, log2

from lemmata.verify.expression import Node

SLACK = 1e-9
_CEILING = 1000.0
_CONSTANTS = {"e": 2.718281828459045, "pi": 3.141592653589793}


@total_ordering
class Tower:
    """A positive bound. Equal only in the very same form."""

    __slots__ = ("height", "x")

    def __init__(self, height: int, x: float) -> None:
        while x > _CEILING:
            height, x = height + 1, log2(x)
        while height > 0 and x < log2(_CEILING):
            height, x = height - 1, 2.0**x
        self.height, self.x = height, x

    def __lt__(self, other: Tower) -> bool:
        return (self.height, self.x) < (other.height, other.x)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tower) and (self.height, self.x) == (other.height, other.x)

    __hash__ = None  # type: ignore[assignment]

    def log2(self) -> Tower | None:
        """The tower's binary logarithm, where it is positive."""
        if self.height:
            return Tower(self.height - 1, self.x)
        return Tower(0, log2(self.x)) if self.x > 1 else None

    def exp2(self) -> Tower:
        return Tower(self.height + 1, self.x)

    def times(self, other: Tower) -> Tower:
        """A product, within SLACK of the larger factor's exponent."""
        low, high = sorted((self, other))
        if high.height == 0 or (high.height == 1 and low.height <= 1):
            bits = _bits(high) + _bits(low)
            return Tower(1, bits) if bits > 0 else Tower(0, 2.0**bits)
        if high.height == 2 and low.height <= 2:
            small = low.x if low.height == 2 else log2(max(_bits(low), 1.0))
            return Tower(2, high.x + log2(1 + 2.0 ** (small - high.x)))
        return high

    def scaled(self, factor: float) -> Tower:
        """Its own logarithm widened by a relative factor, for safe comparisons."""
        return Tower(self.height, self.x * factor)


def _bits(tower: Tower) -> float:
    return tower.x if tower.height == 1 else log2(max(tower.x, 1e-300))


def bounds(node: Node) -> tuple[Tower, Tower] | None:
    """Bounds below and above on a positive value built from numbers; None where it cannot say."""
    head, args = node.head, node.args
    if head == "num":
        return _of_number(node)
    if head == "const" and node.value in _CONSTANTS:
        value = _CONSTANTS[node.value]
        return Tower(0, value * (1 - SLACK)), Tower(0, value * (1 + SLACK))
    if head == "pow":
        base, exponent = bounds(args[0]), bounds(args[1])
        if base and exponent and base[0] > Tower(0, 1.0001):
            return _power(base[0], exponent[0], 1 - SLACK), _power(base[1], exponent[1], 1 + SLACK)
    if head == "fact" or (head == "call" and node.value == "fact2"):
        inner = bounds(args[0])
        if inner and inner[0] > Tower(0, 3.0):
            return _factorial(inner[0], 1 - SLACK, head), _factorial(inner[1], 1 + SLACK, "fact")
    if head in ("mul", "add"):
        return _of_parts(head, [bounds(arg) for arg in args])
    return None


def _of_parts(head: str, parts: list[tuple[Tower, Tower] | None]) -> tuple[Tower, Tower] | None:
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    lows, highs = [p[0] for p in known], [p[1] for p in known]
    if head == "add":
        return max(lows), max(highs).times(Tower(0, float(len(highs))))
    low, high = lows[0], highs[0]
    for other_low, other_high in zip(lows[1:], highs[1:], strict=True):
        low, high = low.times(other_low), high.times(other_high)
    return low.scaled(1 - SLACK), high.scaled(1 + SLACK)


def _of_number(node: Node) -> tuple[Tower, Tower] | None:
    value = node.value
    if value <= 0:
        return None
    bits = log(value.numerator, 2) - log(value.denominator, 2)
    exact = Tower(1, bits) if bits > 0 else Tower(0, 2.0 ** max(bits, -900))
    return exact.scaled(1 - SLACK), exact.scaled(1 + SLACK)


def _power(base: Tower, exponent: Tower, slack: float) -> Tower:
    logarithm = base.log2()
    assert logarithm is not None
    return logarithm.times(exponent).scaled(slack).exp2()


def _factorial(value: Tower, slack: float, head: str) -> Tower:
    """log2 n! lies between n·log2(n/e) and n·log2(n); lgamma where it reaches. n!!² is about n!."""
    if value.height == 0:
        bits = lgamma(value.x + 1) / log(2) * slack
        return Tower(1, bits if head == "fact" else 0.45 * bits)
    logarithm = value.log2()
    assert logarithm is not None
    shrunk = logarithm.scaled(0.5) if slack < 1 else logarithm
    return value.times(shrunk).scaled(slack).exp2()


def apart(left: Node, right: Node) -> bool:
    """True where the bounds prove the two different."""
    a, b = bounds(left), bounds(right)
    return bool(a and b and (a[1] < b[0] or b[1] < a[0]))


def huge(node: Node) -> bool:
    """True where some part has more than a million bits, or no bound at all on a power's size."""
    limit = Tower(1, 1e6)
    for part in node.walk():
        if part.head in ("pow", "fact") or part.value == "fact2":
            found = bounds(part)
            if found and found[1] > limit:
                return True
    return False
