"""The kernels against the definitions, and their proof that int64 holds."""

from __future__ import annotations

import numpy as np
import pytest

from lemmata.apps.conjecture.exact.definitions import DEFINED
from lemmata.apps.conjecture.exact.judges import scout
from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined
from lemmata.apps.conjecture.kernels import bounds, sieve
from lemmata.apps.conjecture.kernels.arithmetic import DERIVED, Arithmetic, derived
from lemmata.apps.conjecture.kernels.clock import Clock, TimeUp
from lemmata.apps.conjecture.kernels.vector import Vector
from lemmata.apps.conjecture.kernels.vectors import Ints, Truths
from lemmata.apps.conjecture.language.forms import cleared, modular, summed
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import from_text

FOREVER = float("inf")


@pytest.mark.parametrize("low", [1, 999_900, 12_345_678])
@pytest.mark.parametrize("name", [*sieve.FUNCTIONS, "liouville"])
def test_sieved_functions_agree_with_the_definitions(name: str, low: int) -> None:
    low = max(low, 2)
    found = sieve.values(name, low, low + 300)
    plain = DEFINED[name]
    assert found.tolist() == [plain(n) for n in range(low, low + 301)]


@pytest.mark.parametrize("span", [(0, 0), (0, 2), (1, 1), (2, 2), (3, 90), (10**6, 10**6 + 99)])
def test_prime_flags(span: tuple[int, int]) -> None:
    flags = sieve.prime_flags(*span).tolist()
    assert flags == [DEFINED["prime"](n) for n in range(span[0], span[1] + 1)]


ONE_INT = [name for name, f in FUNCTIONS.items() if f.takes == ("int",) and "_sum" not in name]


@pytest.mark.parametrize("name", [name for name in ONE_INT if name != "mertens"])
def test_every_kernel_of_one_integer_agrees_with_its_definition(name: str) -> None:
    """Dense and scattered arguments, below zero too; `bad` where it is undefined or too large."""
    arithmetic = Arithmetic(Clock(FOREVER))
    plain = DEFINED[name]
    for values in (np.arange(-5, 60), np.array([7, 1000, 3, 561, 12, 4096])):
        inputs = Ints(values.astype(np.int64))
        if name in DERIVED:
            got = derived(arithmetic, name, inputs)
        else:
            got = arithmetic.call(name, (inputs,))
        for i, n in enumerate(values.tolist()):
            _agree(got, i, n, plain)


def _agree(got: object, i: int, n: int, plain: object) -> None:
    try:
        expected = plain(n)  # type: ignore[operator]
    except (Undefined, OutOfReach):
        expected = None
    if isinstance(got, Truths):
        assert not (got.sure[i] and expected is not True), n
        assert not (not got.maybe[i] and expected is not False), n
        return
    assert isinstance(got, Ints)
    bad = got.bad is not None and bool(got.bad[i])
    assert bad if expected is None else bad or got.values[i] == expected, n


# Claims of every shape: what the kernels call sure must be what the exact evaluator says.
CLAIMS = [
    "prime(n^2 + n + 41)",
    "exists p in 2..n: prime(p) and prime(n - p)",
    "exists k in 0..isqrt(n): square(n - k^2)",
    "exists a in 0..isqrt(n): exists b in 0..isqrt(n): square(n - a^2 - b^2)",
    "forall k in 2..n - 1: not divides(k, n) and k * k < 5 * n^2",
    "sum(k in 1..n: 1 / k) < 4",
    "sum(k in 1..n: liouville(k)) <= 0",
    "sum(d in 1..n: phi(d) * (n // d)) = n * (n + 1) / 2",
    "product(k in 1..n: 1 + 1 / k) <= n + 1/2",
    "count(d in 1..n: divides(d, n)) = tau(n)",
    "max(k in 1..n: gcd(k, n)) = n and min(k in 1..n: k) = 1",
    "divides(n, 2^n - 2) -> prime(n)",
    "primepi(n) >= n / log(n)",
    "sqrt(nthprime(n + 1)) - sqrt(nthprime(n)) < 3/5",
    "collatz(n) and collatz_max(n) <= 100 * n and collatz_steps(n) < 100",
    "sigma(n) < 3 * n <-> not abundant(n) or n < 100",
    "1 / (n - 7) < 1",
    "floor(sqrt(n)) = isqrt(n) and ceil(sqrt(n)) >= floor(n / 2 ^ 3)",
    "lcm(n, n + 1) = n * (n + 1) and abs(n - 50) >= 0 and max(n, 1/2) > 0",
    "(n - 30)^3 < 1000 or (1 - n / 10)^2 > exp(n / 100) - pi",
    "digitsum(n) mod 9 = n mod 9 and (palindrome(n) or reverse(n) != n)",
    "squarefree(n) <-> mobius(n) != 0",
    "n^(0 - 1) > 0 or n > 5",
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_is_sure_is_so(claim: str) -> None:
    spec = from_text(f"for n in 1..: {claim}")
    node = summed(cleared(modular(spec.claim), spec.scope), frozenset("n"))
    vector, exact = Vector(spec.scope, Clock(FOREVER)), scout(spec)
    unsure = 0
    for low, high in ((1, 40), (41, 120)):  # two blocks, so that running sums go on
        try:
            bounds.prove(node, {"n": (low, high)}, spec.scope)
        except bounds.Overflow:
            pytest.fail("these are small enough for int64")
        rows = {"n": Ints(np.arange(low, high + 1))}
        found = vector.truths(node, rows, high - low + 1)
        for i, n in enumerate(range(low, high + 1)):
            said = exact.judge((n,))
            assert not found.sure[i] or said == "holds", n
            assert found.maybe[i] or said in {"fails", "undefined"}, n
            unsure += bool(found.maybe[i] and not found.sure[i])
    assert unsure <= 40


@pytest.mark.parametrize(
    ("claim", "fits"),
    [
        ("n^5 < 7", {1000: True, 10**5: False}),
        ("n * n * n > 0", {10**6: True, 10**7: False}),
        ("2^n > n", {61: True, 63: False}),
        ("factorial(n) > n", {20: True, 21: False}),
        ("sum(k in 1..n: k^2) > 0", {10**6: True, 10**7: False}),
        ("product(k in 1..n: k) > 0", {10: True, 30: False}),
        ("exists k in 0..n: k^3 = n", {10**6: True, 10**7: False}),
        ("sigma(n) < 9 * n", {10**12: True, 10**18: False}),
        ("binomial(2 * n, n) > 0", {31: True, 32: False}),
        ("abs(0 - n) + min(n, 3) * max(n, 4) > 0", {10**9: True, 10**19: False}),
        ("9^9^9 > n", {1: False}),
    ],
)
def test_overflow_is_refused_before_it_can_happen(claim: str, fits: dict[int, bool]) -> None:
    spec = from_text(f"for n in 1..: {claim}")
    for high, expected in fits.items():
        try:
            bounds.prove(spec.claim, {"n": (1, high)}, spec.scope)
            proved = True
        except bounds.Overflow:
            proved = False
        assert proved == expected, high


def test_a_kernel_heeds_the_clock() -> None:
    spec = from_text("for n in 1..: exists a in 1..10^6: exists b in 1..10^6: a * b = 0")
    vector = Vector(spec.scope, Clock(0.3))
    with pytest.raises(TimeUp):
        vector.truths(spec.claim, {"n": Ints(np.arange(1, 50))}, 49)
