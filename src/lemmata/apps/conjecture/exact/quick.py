"""A quick primality test to look with; the judge goes by the definitions instead."""

from __future__ import annotations

import math

from lemmata.apps.conjecture.exact.missing import OutOfReach

_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
_SMALL = math.prod(p for p in range(2, 212) if all(p % d for d in range(2, p)))
MOST_BITS = 4200


def prime(n: int) -> bool:
    """Miller-Rabin: proved right below 3.3e24, and never wrong when it says composite."""
    if n < 212:
        return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))
    if n.bit_length() > MOST_BITS:
        raise OutOfReach
    if math.gcd(n, _SMALL) > 1:
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, base, odd, twos) for base in _BASES)


def _passes(n: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, n)
    if power in {1, n - 1}:
        return True
    for _ in range(twos - 1):
        power = power * power % n
        if power == n - 1:
            return True
    return False


def composite(n: int) -> bool:
    return n > 1 and not prime(n)


def next_prime(n: int) -> int:
    """The least prime greater than n."""
    n = max(n + 1, 2)
    while not prime(n):
        n += 1
    return n
