"""Interval analysis: proof that no integer of a block leaves int64, before it is computed.

Every integer subexpression gets an interval from the intervals of the variables. If one could
leave ±2^62, `Overflow` is raised and the block goes to the exact evaluator instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from lemmata.apps.conjecture.exact import sequences
from lemmata.apps.conjecture.language.check import Scope, type_of
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Connect,
    Name,
    Negate,
    Node,
    Number,
    Operate,
    children,
)

LIMIT = 1 << 62
Interval = tuple[int, int]
Ranges = Mapping[str, Interval]


class Overflow(Exception):
    """An integer might leave int64."""


def prove(node: Node, ranges: Ranges, scope: Scope) -> None:
    """Raises Overflow unless every integer met in evaluating the node fits."""
    if type_of(node, scope) == "int":
        bound(node, ranges, scope)
        return
    if isinstance(node, Bind):
        _inside(node, ranges, scope)
        return
    if isinstance(node, Connect) and node.op in {"and", "->"}:
        # Kernels evaluate both sides for all rows, so neither side may narrow the other.
        prove(node.left, ranges, scope)
        prove(node.right, ranges, scope)
        return
    for child in children(node):
        prove(child, ranges, scope)


def bound(node: Node, ranges: Ranges, scope: Scope) -> Interval:
    """An interval that holds the integer node. Raises Overflow."""
    low, high = _bound(node, ranges, scope)
    if low < -LIMIT or high > LIMIT:
        raise Overflow
    return low, high


def _bound(node: Node, ranges: Ranges, scope: Scope) -> Interval:
    match node:
        case Number(value):
            return value.numerator, value.numerator
        case Name(name):
            return ranges[name]
        case Negate(operand):
            low, high = bound(operand, ranges, scope)
            return -high, -low
        case Operate(op, left, right):
            return _ARITHMETIC[op](bound(left, ranges, scope), bound(right, ranges, scope))
        case Call():
            return _call(node, ranges, scope)
        case Bind():
            return _gather(node, ranges, scope)
    raise TypeError(f"{type(node).__name__} is no integer")


def _corners(values: list[int]) -> Interval:
    return min(values), max(values)


def _times(a: Interval, b: Interval) -> Interval:
    return _corners([x * y for x in a for y in b])


def _floor_divide(a: Interval, b: Interval) -> Interval:
    del b  # dividing by a whole number never lets the size grow, beyond rounding to -1
    most = max(map(abs, a)) + 1
    return -most, most


def _mod(a: Interval, b: Interval) -> Interval:
    del a
    return min(0, b[0] + 1), max(0, b[1] - 1)


def _power(base: Interval, exponent: Interval) -> Interval:
    most, top = max(map(abs, base)), exponent[1]
    if top < 0:
        return 0, 0  # undefined everywhere; kernels mark it
    if most > 1 and (most.bit_length() - 1) * top > 63:
        raise Overflow
    size = most**top if most > 1 else 1
    return (-size if base[0] < 0 else 0), max(size, 1)


_ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {
    "+": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "-": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "*": _times, "//": _floor_divide, "mod": _mod, "^": _power,
}  # fmt: skip


def _inside(node: Bind, ranges: Ranges, scope: Scope) -> Interval:
    """Prove the body over the whole range; gives the interval of the bound variable."""
    low = bound(node.low, ranges, scope)[0]
    high = max(bound(node.high, ranges, scope)[1], low)
    inner, inside = {**ranges, node.name: (low, high)}, {**scope, node.name: "int"}
    prove(node.body, inner, inside)
    return low, high


def _gather(node: Bind, ranges: Ranges, scope: Scope) -> Interval:
    low, high = _inside(node, ranges, scope)
    turns = high - low + 1
    if node.kind == "count":
        return 0, turns
    inside = {**scope, node.name: "int"}
    body = bound(node.body, {**ranges, node.name: (low, high)}, inside)
    if node.kind == "sum":
        return min(0, body[0] * turns), max(0, body[1] * turns)
    if node.kind == "product":
        return _power((min(body[0], 0), max(body[1], 1)), (0, turns))
    return body


def _call(node: Call, ranges: Ranges, scope: Scope) -> Interval:
    if node.function in {"floor", "ceil"}:
        prove(node.arguments[0], ranges, scope)
        return -LIMIT, LIMIT  # kernels mark what is larger
    inputs = [bound(argument, ranges, scope) for argument in node.arguments]
    return _FUNCTIONS[node.function](*inputs)


def _size(a: Interval) -> int:
    return max(1, *map(abs, a))


def _grows(function: Callable[[int], int], most: int) -> Callable[[Interval], Interval]:
    """The bound of a function that does not fall, whose value at `most` no longer fits."""

    def bounded(a: Interval) -> Interval:
        if a[1] >= most:
            raise Overflow
        return 0, max(1, function(max(a[1], 0)))

    return bounded


def _up_to(a: Interval) -> Interval:
    return 0, _size(a)


def _logarithmic(a: Interval) -> Interval:
    return 0, _size(a).bit_length()


def _binomial(n: Interval, k: Interval) -> Interval:
    del k
    if n[1] > 62:
        raise Overflow
    return 0, math.comb(max(n[1], 0), max(n[1], 0) // 2)


def _decimal(a: Interval) -> Interval:
    return 0, 10 ** len(str(_size(a)))


_FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "phi": _up_to,
    "sigma": lambda a: (0, _size(a) * _size(a).bit_length()),  # sigma(n)/n <= H_n <= log2 n + 1
    "tau": lambda a: (0, 2 * math.isqrt(_size(a)) + 2),
    "omega": _logarithmic,
    "bigomega": _logarithmic,
    "mobius": lambda _: (-1, 1),
    "liouville": lambda _: (-1, 1),
    "primepi": _up_to,
    "nthprime": lambda a: (0, 16 + 2 * _size(a) * _size(a).bit_length()),
    "nextprime": lambda a: (2, 2 * _size(a) + 2),  # Bertrand
    "lpf": _up_to,
    "gpf": _up_to,
    "isqrt": lambda a: (0, math.isqrt(_size(a))),
    "digitsum": lambda a: (0, 9 * len(str(_size(a)))),
    "reverse": _decimal,
    "collatz_steps": lambda _: (0, 1 << 20),
    "collatz_max": lambda _: (0, LIMIT),  # kernels mark what is larger
    "factorial": _grows(math.factorial, 21),
    "fib": _grows(sequences.fib, 91),
    "lucas": _grows(lambda n: sequences.lucas(n) + 1, 89),
    "catalan": _grows(sequences.catalan, 33),
    "partitions": _grows(sequences.partitions, 200),
    "derangements": _grows(sequences.derangements, 21),
    "primorial": _grows(sequences.primorial, 15),
    "binomial": _binomial,
    "gcd": lambda a, b: (0, max(_size(a), _size(b))),
    "lcm": lambda a, b: (0, _size(a) * _size(b)),
    "powmod": lambda _b, _e, m: (min(0, m[0]), max(0, m[1])),
    "abs": lambda a: (0, _size(a)),
    "min": lambda *a: _corners([end for each in a for end in each]),
    "max": lambda *a: _corners([end for each in a for end in each]),
}  # fmt: skip
