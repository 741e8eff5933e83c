"""Divisors and prime factors, by their definitions.

Like all `definitions` it is copied into the standalone checkers.
"""

from __future__ import annotations

import math

from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined


def prime(n: int) -> bool:
    """Trial division to 10^12, then Miller-Rabin on the first 13 primes, which is proved right
    below 3317044064679887385961981 (Sorenson and Webster, 2015)."""
    if n < 2:
        return False
    if n < 10**12:
        return all(n % d for d in range(2, math.isqrt(n) + 1))
    if n.bit_length() > 4200:
        raise OutOfReach
    if any(not passes(n, base) for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)):
        return False
    if n >= 3317044064679887385961981:
        raise OutOfReach
    return True


def passes(n: int, base: int) -> bool:
    """Whether the odd or even n > 41 passes the Miller-Rabin test to this base."""
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    power = pow(base, odd, n)
    if power in {1, n - 1}:
        return True
    for _ in range(twos - 1):
        power = power * power % n
        if power == n - 1:
            return True
    return False


def factors(n: int) -> dict[int, int]:
    """Each prime factor of n >= 1 with its exponent."""
    if n < 1:
        raise Undefined
    found: dict[int, int] = {}
    d = 2
    while d * d <= n and d < 10**6:
        while n % d == 0:
            found[d] = found.get(d, 0) + 1
            n //= d
        d += 1
    if n > 1:
        if d * d <= n and not prime(n):
            raise OutOfReach
        found[n] = found.get(n, 0) + 1
    return found


def composite(n: int) -> bool:
    return n > 1 and not prime(n)


def squarefree(n: int) -> bool:
    return n >= 1 and all(k == 1 for k in factors(n).values())


def perfect(n: int) -> bool:
    return n >= 1 and sigma(n) == 2 * n


def abundant(n: int) -> bool:
    return n >= 1 and sigma(n) > 2 * n


def deficient(n: int) -> bool:
    return n >= 1 and sigma(n) < 2 * n


def divides(a: int, b: int) -> bool:
    return b == 0 if a == 0 else b % a == 0


def coprime(a: int, b: int) -> bool:
    return math.gcd(a, b) == 1


def phi(n: int) -> int:
    return math.prod(p ** (k - 1) * (p - 1) for p, k in factors(n).items())


def sigma(n: int) -> int:
    return math.prod((p ** (k + 1) - 1) // (p - 1) for p, k in factors(n).items())


def tau(n: int) -> int:
    return math.prod(k + 1 for k in factors(n).values())


def omega(n: int) -> int:
    return len(factors(n))


def bigomega(n: int) -> int:
    return sum(factors(n).values())


def mobius(n: int) -> int:
    found = factors(n)
    if any(k > 1 for k in found.values()):
        return 0
    return -1 if len(found) % 2 else 1


def liouville(n: int) -> int:
    return -1 if bigomega(n) % 2 else 1


def lpf(n: int) -> int:
    if n < 2:
        raise Undefined
    return next((d for d in range(2, min(math.isqrt(n), 10**6) + 1) if n % d == 0), None) or min(
        factors(n)
    )


def gpf(n: int) -> int:
    if n < 2:
        raise Undefined
    return max(factors(n))


def gcd(a: int, b: int) -> int:
    return math.gcd(a, b)


def lcm(a: int, b: int) -> int:
    return math.lcm(a, b)
