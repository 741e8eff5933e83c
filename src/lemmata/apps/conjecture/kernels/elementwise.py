"""Functions of integers that need no sieve and no state: arrays in, arrays out."""

from __future__ import annotations

import math

import numpy as np

from lemmata.apps.conjecture.exact import powers
from lemmata.apps.conjecture.kernels.vectors import FITS, Array, marked


def root(n: Array, k: int) -> Array:
    """The greatest r with r^k <= n, for 0 <= n < 2^62: a float's guess, put right by ±1."""
    guess = np.rint(n.astype(np.float64) ** (1.0 / k)).astype(np.int64)
    top = math.isqrt(FITS) if k == 2 else powers.root(FITS, k)
    guess = np.minimum(np.maximum(guess, 0), top)
    guess = np.where(guess**k > n, guess - 1, guess)
    more = np.minimum(guess + 1, top)
    return np.where((more**k <= n) & (more > guess), more, guess)


def square(n: Array) -> Array:
    return np.asarray((n >= 0) & (root(np.maximum(n, 0), 2) ** 2 == n))


def power(n: Array) -> Array:
    found = n == 1
    for k in (2, 3, *range(5, 63, 2)):
        found = found | ((n > 1) & (root(np.maximum(n, 0), k) ** k == n))
    return np.asarray(found)


def mirrored(n: Array) -> Array:
    left, turned = np.maximum(n, 0), np.zeros_like(n)
    while (left > 0).any():
        turned = np.where(left > 0, turned * 10 + left % 10, turned)
        left = left // 10
    return turned


def digit_sum(n: Array) -> Array:
    left, total = np.abs(n), np.zeros_like(n)
    while (left > 0).any():
        total, left = total + left % 10, left // 10
    return total


def divides(a: Array, b: Array) -> Array:
    return np.asarray(np.where(a == 0, b == 0, b % np.where(a == 0, 1, a) == 0))


def powmod(base: Array, exponent: Array, modulus: Array) -> tuple[Array, Array | None]:
    """Square and multiply; moduli above 2^31 would overflow and are marked."""
    bad = (exponent < 0) | (modulus < 1) | (modulus >= 1 << 31)
    base, exponent, modulus = np.broadcast_arrays(base, exponent, modulus)
    m = np.where(bad, 1, modulus)
    square_, left = base % m, np.where(bad, 0, exponent)
    result = np.ones_like(m) % m
    while (left > 0).any():
        result = np.where(left & 1 == 1, result * square_ % m, result)
        square_, left = square_ * square_ % m, left >> 1
    return result, marked(np.asarray(bad))


def binomial(n: Array, k: Array) -> tuple[Array, Array | None]:
    table = np.array([[math.comb(i, j) for j in range(63)] for i in range(63)], dtype=np.int64)
    n, k = np.broadcast_arrays(n, k)
    bad = (n < 0) | (n > 62)
    zero = (k < 0) | (k > n)
    found = table[np.where(bad, 0, n), np.where(bad | zero, 0, k)]
    return np.where(zero, 0, found), marked(bad)
