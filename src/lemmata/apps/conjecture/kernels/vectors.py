"""Vectors with what is not known of them.

An `Ints` is exact where it is not `bad`. A `Reals` holds each true value between `low` and `high`.
A `Truths` is three-valued: `sure` means it holds, not `maybe` means it does not; between the two
only the exact evaluator can tell. `bad` marks what is undefined or did not fit.
Shapes: (), for one value in every row, or (rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
FITS = 1 << 62
_EXACT = 1 << 53


@dataclass(frozen=True, slots=True)
class Ints:
    values: Array
    bad: Array | None = None


@dataclass(frozen=True, slots=True)
class Reals:
    low: Array
    high: Array
    bad: Array | None = None


@dataclass(frozen=True, slots=True)
class Truths:
    sure: Array
    maybe: Array


Value = Ints | Reals | Truths


def integer(value: int) -> Ints:
    return Ints(np.asarray(value, dtype=np.int64))


def known(truth: Array, bad: Array | None = None) -> Truths:
    """A truth that is known where nothing is bad."""
    if bad is None:
        return Truths(truth, truth)
    return Truths(truth & ~bad, truth | bad)


def either(a: Array | None, b: Array | None) -> Array | None:
    if a is None:
        return b
    return a if b is None else a | b


def marked(bad: Array) -> Array | None:
    """The mask, or None where it marks nothing."""
    return bad if bad.any() else None


def down(values: Array) -> Array:
    return np.nextafter(values, -np.inf)


def up(values: Array) -> Array:
    return np.nextafter(values, np.inf)


def real(value: Value) -> Reals:
    """The same numbers as reals, widened where a float cannot hold them."""
    if isinstance(value, Reals):
        return value
    assert isinstance(value, Ints)
    near = value.values.astype(np.float64)
    if (
        value.values.size
        and max(abs(int(value.values.max())), abs(int(value.values.min()))) < _EXACT
    ):
        return Reals(near, near, value.bad)
    return Reals(down(near), up(near), value.bad)


def add(a: Reals, b: Reals) -> Reals:
    return Reals(down(a.low + b.low), up(a.high + b.high), either(a.bad, b.bad))


def negative(a: Reals) -> Reals:
    return Reals(-a.high, -a.low, a.bad)


def multiply(a: Reals, b: Reals) -> Reals:
    corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
    low, high = np.minimum.reduce(corners), np.maximum.reduce(corners)
    return Reals(down(low), up(high), either(a.bad, b.bad))


def divide(a: Reals, b: Reals) -> Reals:
    zero = (b.low <= 0) & (b.high >= 0)
    below = Reals(np.where(zero, 1.0, b.low), np.where(zero, 1.0, b.high), b.bad)
    corners = [a.low / below.low, a.low / below.high, a.high / below.low, a.high / below.high]
    low, high = np.minimum.reduce(corners), np.maximum.reduce(corners)
    return Reals(down(low), up(high), either(either(a.bad, b.bad), marked(zero)))


def absolute(a: Reals) -> Reals:
    least = np.where((a.low <= 0) & (a.high >= 0), 0.0, np.minimum(abs(a.low), abs(a.high)))
    return Reals(least, np.maximum(abs(a.low), abs(a.high)), a.bad)


def power(base: Reals, exponent: Ints) -> Reals:
    """base^exponent; one exponent for all rows, or rows with positive bases."""
    if exponent.values.ndim == 0 and abs(int(exponent.values)) <= 64:
        return _repeated(base, int(exponent.values))
    bad = either(base.bad, either(exponent.bad, marked(np.asarray(base.low <= 0))))
    low, high = np.where(base.low > 0, base.low, 1.0), np.where(base.low > 0, base.high, 1.0)
    top = exponent.values.astype(np.float64)
    corners = [low**top, high**top]
    slack = 1e-13  # the C library's pow is right to a few units in the last place
    least, most = np.minimum.reduce(corners), np.maximum.reduce(corners)
    return Reals(least * (1 - slack), up(most * (1 + slack)), bad)


def _repeated(base: Reals, exponent: int) -> Reals:
    one = np.ones_like(base.low)
    if exponent < 0:
        return divide(Reals(one, one), _repeated(base, -exponent))
    factor = absolute(base) if exponent % 2 == 0 else base
    whole = Reals(one, one, base.bad)
    for _ in range(exponent):
        whole = multiply(whole, factor)
    return whole


def sqrt(a: Reals) -> Reals:
    negative_part = a.low < 0
    low, high = np.sqrt(np.maximum(a.low, 0)), np.sqrt(np.maximum(a.high, 0))
    return Reals(np.maximum(down(low), 0), up(high), either(a.bad, marked(negative_part)))


def log(a: Reals) -> Reals:
    outside = a.low <= 0
    low, high = np.where(outside, 1.0, a.low), np.where(outside, 1.0, a.high)
    return _loosened(np.log(low), np.log(high), either(a.bad, marked(outside)))


def exp(a: Reals) -> Reals:
    return _loosened(np.exp(a.low), np.exp(a.high), a.bad)


def _loosened(low: Array, high: Array, bad: Array | None) -> Reals:
    """Wider by some units in the last place: the C library's log and exp may be off by one."""
    return Reals(low - abs(low) * 1e-15 - 5e-324, high + abs(high) * 1e-15 + 5e-324, bad)


def floor(a: Reals) -> Ints:
    low, high = np.floor(a.low), np.floor(a.high)
    unknown = (low != high) | ~(abs(low) < _EXACT)
    whole = np.where(unknown, 0, low).astype(np.int64)
    return Ints(whole, either(a.bad, marked(unknown)))


def compare(op: str, a: Value, b: Value) -> Truths:
    """The truth of `a op b`."""
    if isinstance(a, Ints) and isinstance(b, Ints):
        return known(_INTEGERS[op](a.values, b.values), either(a.bad, b.bad))
    x, y = real(a), real(b)
    sure, maybe = _REALS[op](x, y)
    # Infinities and NaN come from overflow: nothing is known of them.
    lost = ~(np.isfinite(x.low) & np.isfinite(x.high) & np.isfinite(y.low) & np.isfinite(y.high))
    bad = either(either(x.bad, y.bad), marked(np.asarray(lost)))
    return Truths(sure, maybe) if bad is None else Truths(sure & ~bad, maybe | bad)


_INTEGERS: dict[str, Any] = {
    "=": np.equal, "!=": np.not_equal, "<": np.less,
    "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


def _less(x: Reals, y: Reals) -> tuple[Array, Array]:
    return x.high < y.low, x.low < y.high


def _at_most(x: Reals, y: Reals) -> tuple[Array, Array]:
    return x.high <= y.low, x.low <= y.high


def _equal(x: Reals, y: Reals) -> tuple[Array, Array]:
    point = (x.low == x.high) & (y.low == y.high)
    return point & (x.low == y.low), (x.low <= y.high) & (y.low <= x.high)


def _unequal(x: Reals, y: Reals) -> tuple[Array, Array]:
    sure, maybe = _equal(x, y)
    return ~maybe, ~sure


_REALS: dict[str, Any] = {
    "<": _less, "<=": _at_most, "=": _equal, "!=": _unequal,
    ">": lambda x, y: _less(y, x), ">=": lambda x, y: _at_most(y, x),
}  # fmt: skip


def both(a: Truths, b: Truths) -> Truths:
    return Truths(a.sure & b.sure, a.maybe & b.maybe)


def one_of(a: Truths, b: Truths) -> Truths:
    return Truths(a.sure | b.sure, a.maybe | b.maybe)


def deny(a: Truths) -> Truths:
    return Truths(~a.maybe, ~a.sure)


def pick(value: Value, rows: Array) -> Value:
    """The value in these rows alone (a mask or indices)."""
    match value:
        case Ints(values, bad):
            return Ints(_rows(values, rows), None if bad is None else _rows(bad, rows))
        case Reals(low, high, bad):
            left = None if bad is None else _rows(bad, rows)
            return Reals(_rows(low, rows), _rows(high, rows), left)
        case Truths(sure, maybe):
            return Truths(_rows(sure, rows), _rows(maybe, rows))


def _rows(values: Array, rows: Array) -> Array:
    return values if values.ndim == 0 else values[rows]
