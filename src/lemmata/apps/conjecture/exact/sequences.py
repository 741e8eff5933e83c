"""Sequences of integers and sums over them, by their definitions.

Like all `definitions` it is copied into the standalone checkers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate

from lemmata.apps.conjecture.exact.divisors import liouville, mobius, prime
from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined
from lemmata.apps.conjecture.exact.powers import root


def collatz_path(n: int) -> tuple[int, int]:
    """Steps of n -> n/2 or 3n+1 until 1, and the greatest number met."""
    if n < 1:
        raise Undefined
    steps, most = 0, n
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps, most = steps + 1, max(most, n)
        if steps > 100_000:
            raise OutOfReach
    return steps, most


def collatz(n: int) -> bool:
    return collatz_path(n)[0] >= 0


def collatz_steps(n: int) -> int:
    return collatz_path(n)[0]


def collatz_max(n: int) -> int:
    return collatz_path(n)[1]


def liouville_sum(n: int) -> int:
    """L(n), the sum of λ(k) for k up to n, from: the sum of L(n//k) over k is isqrt(n)."""
    return summatory(n, liouville, math.isqrt)


def mertens(n: int) -> int:
    """M(n), the sum of μ(k) for k up to n, from: the sum of M(n//k) over k is 1."""
    return summatory(n, mobius, lambda _: 1)


def summatory(n: int, term: Callable[[int], int], whole: Callable[[int], int]) -> int:
    """F(n) from small terms and from: the sum of F(m//k) over k = 1 … m is whole(m)."""
    if n > 10**10:
        raise OutOfReach
    if n < 1:
        return 0
    few = min(n, max(1000, root(n, 3) ** 2 // 4))
    sums = list(accumulate(map(term, range(1, few + 1)), initial=0))
    large: dict[int, int] = {}
    for j in range(n // (few + 1), 0, -1):
        m, k = n // j, 2
        total = whole(m)
        while k <= m:
            quotient = m // k
            last = m // quotient
            part = sums[quotient] if quotient <= few else large[n // quotient]
            total -= (last - k + 1) * part
            k = last + 1
        large[j] = total
    return large[1] if n > few else sums[n]


def sieve(n: int) -> bytearray:
    """One byte a number from 0 to n: 1 where it is prime."""
    if n > 20_000_000:
        raise OutOfReach
    flags = bytearray([1]) * (n + 1)
    flags[:2] = bytes(min(2, n + 1))
    for d in range(2, math.isqrt(n) + 1):
        if flags[d]:
            flags[d * d :: d] = bytes((n - d * d) // d + 1)
    return flags


def primepi(n: int) -> int:
    return sum(sieve(n)) if n >= 2 else 0


def nthprime(n: int) -> int:
    """p_1 = 2; p_n < n (ln n + ln ln n) for n >= 6 (Rosser)."""
    if n < 1:
        raise Undefined
    above = 15 if n < 6 else int(n * (math.log(n) + math.log(math.log(n)))) + 1
    seen = 0
    for k, flag in enumerate(sieve(above)):
        seen += flag
        if seen == n:
            return k
    raise AssertionError("Rosser's bound holds")


def nextprime(n: int) -> int:
    """The least prime greater than n."""
    n = max(n + 1, 2)
    while not prime(n):
        n += 1
    return n


def primorial(n: int) -> int:
    if n < 0:
        raise Undefined
    product, p = 1, 1
    for _ in range(n):
        p = nextprime(p)
        product *= p
        if product.bit_length() > 20_000:
            raise OutOfReach
    return product


def factorial(n: int) -> int:
    if n < 0:
        raise Undefined
    if n > 4000:
        raise OutOfReach
    return math.factorial(n)


def fib(n: int) -> int:
    return fibonacci(n, 0, 1)


def lucas(n: int) -> int:
    return fibonacci(n, 2, 1)


def fibonacci(n: int, a: int, b: int) -> int:
    """Term n of a, b, a + b, …"""
    if n < 0:
        raise Undefined
    if n > 50_000:
        raise OutOfReach
    for _ in range(n):
        a, b = b, a + b
    return a


def catalan(n: int) -> int:
    return binomial(2 * n, n) // (n + 1)


def binomial(n: int, k: int) -> int:
    """C(n, k); 0 for k < 0 and for k > n >= 0."""
    if n < 0:
        raise Undefined
    if n > 20_000 and min(k, n - k) > 1000:
        raise OutOfReach
    return math.comb(n, k) if k >= 0 else 0


def partitions(n: int) -> int:
    """By parts: p(n) is the number of ways to write n as a sum, order aside."""
    if n < 0:
        raise Undefined
    if n > 2000:
        raise OutOfReach
    ways = [1] + [0] * n
    for part in range(1, n + 1):
        for total in range(part, n + 1):
            ways[total] += ways[total - part]
    return ways[n]


def derangements(n: int) -> int:
    if n < 0:
        raise Undefined
    if n > 3000:
        raise OutOfReach
    count = 1
    for k in range(1, n + 1):
        count = k * count + (-1 if k % 2 else 1)
    return count
