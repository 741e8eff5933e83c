"""Powers, roots, residues and digits of one number, by their definitions.

Like all `definitions` it is copied into the standalone checkers.
"""

from __future__ import annotations

import math

from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined


def even(n: int) -> bool:
    return n % 2 == 0


def odd(n: int) -> bool:
    return n % 2 == 1


def square(n: int) -> bool:
    return n >= 0 and math.isqrt(n) ** 2 == n


def root(n: int, k: int) -> int:
    """The greatest r with r^k <= n, for n >= 0."""
    low, high = 0, 1 << (n.bit_length() // k + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**k <= n else (low, middle)
    return low


def cube(n: int) -> bool:
    return root(abs(n), 3) ** 3 == abs(n)


def power(n: int) -> bool:
    """n = b^k with k >= 2, n >= 1."""
    return n == 1 or (n > 1 and any(root(n, k) ** k == n for k in range(2, n.bit_length() + 1)))


def power_of_two(n: int) -> bool:
    return n > 0 and n & (n - 1) == 0


def triangular(n: int) -> bool:
    return n >= 0 and square(8 * n + 1)


def palindrome(n: int) -> bool:
    return n >= 0 and str(n) == str(n)[::-1]


def digitsum(n: int) -> int:
    return sum(map(int, str(abs(n))))


def reverse(n: int) -> int:
    if n < 0:
        raise Undefined
    return int(str(n)[::-1])


def isqrt(n: int) -> int:
    if n < 0:
        raise Undefined
    return math.isqrt(n)


def powmod(base: int, exponent: int, modulus: int) -> int:
    if exponent < 0 or modulus == 0:
        raise Undefined
    return pow(base, exponent, modulus)


def raised(base: int, exponent: int) -> int:
    """base^exponent, refused where it has more than 200,000 bits."""
    if exponent < 0:
        raise Undefined
    if abs(base) > 1 and base.bit_length() * exponent > 200_000:
        raise OutOfReach
    return int(base**exponent)
