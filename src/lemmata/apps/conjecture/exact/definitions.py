"""What the functions of integers mean, by their definitions, in plain Python.

This is the judge of every hit, so it shares nothing with the kernels that found it. The text of
these functions is also copied into the standalone checkers: they use the standard library alone,
call only each other, and refuse (`OutOfReach`) what would take more than some seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate


class OutOfReach(Exception):
    """The value exists but is too costly to find."""


class Undefined(Exception):
    """There is no such value: a division by zero, the prime number -3."""


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


def squarefree(n: int) -> bool:
    return n >= 1 and all(k == 1 for k in factors(n).values())


def perfect(n: int) -> bool:
    return n >= 1 and sigma(n) == 2 * n


def abundant(n: int) -> bool:
    return n >= 1 and sigma(n) > 2 * n


def deficient(n: int) -> bool:
    return n >= 1 and sigma(n) < 2 * n


def palindrome(n: int) -> bool:
    return n >= 0 and str(n) == str(n)[::-1]


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


def gcd(a: int, b: int) -> int:
    return math.gcd(a, b)


def lcm(a: int, b: int) -> int:
    return math.lcm(a, b)


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
