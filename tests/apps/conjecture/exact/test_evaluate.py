"""The exact evaluator: values, reals too close to tell, and its promise to end."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from lemmata.apps.conjecture.exact.judges import judge, scout
from lemmata.apps.conjecture.language.spec import from_text


@pytest.mark.parametrize(
    ("text", "point", "said"),
    [
        ("for n in ..: n // 2 * 2 + n mod 2 = n", (-7,), "holds"),
        ("for n in ..: -7 mod 3 = 2 and -7 // 3 = -3", (0,), "holds"),
        ("for n in 1..: 1 / n < 1", (1,), "fails"),
        ("for n in ..: 1 / n < 1", (0,), "undefined"),
        ("for n in ..: n = 0 or 1 / n <= 1", (0,), "holds"),
        ("for n in ..: 1 / n <= 1 or n = 0", (0,), "holds"),
        ("for n in ..: 1 / n <= 1 and n = 1", (0,), "fails"),
        ("for n in ..: 1 / n <= 1 and n = 0", (0,), "undefined"),
        ("for n in 1.. where n > 3: 0 = 1", (2,), "outside"),
        ("for real x in ..: sqrt(x)^2 = x", (Fraction(4, 9),), "holds"),
        ("for real x in ..: sqrt(x)^2 = x", (Fraction(2),), "out of reach"),
        ("for real x in ..: sqrt(x) >= 0", (Fraction(-1),), "undefined"),
        ("for n in 1..: exp(pi * sqrt(163)) < 262537412640768744", (1,), "holds"),
        ("for n in 1..: floor(exp(pi * sqrt(163))) = 262537412640768743", (1,), "holds"),
        ("for n in 1..: log(exp(n)) < n + 1", (50,), "holds"),
        ("for n in 1..: ceil(n / 2) + floor(n / 2) = n", (7,), "holds"),
        ("for n in 1..: max(n, 3) - min(n, 3) = abs(n - 3)", (9,), "holds"),
        ("for n in 1..: product(k in 1..n: k) = factorial(n)", (6,), "holds"),
        ("for n in 1..: count(k in 1..n: coprime(k, n)) = phi(n)", (36,), "holds"),
        ("for n in 1..: min(k in 1..0: k) = 1", (1,), "undefined"),
        ("for n in 1..: factorial(n - 5) >= 1", (2,), "undefined"),
    ],
)
def test_judgements(text: str, point: tuple[object, ...], said: str) -> None:
    spec = from_text(text)
    assert judge(spec).judge(point) == said
    assert scout(spec).judge(point) == said


@pytest.mark.parametrize(
    "claim",
    [
        "9^9^9^9 > 1", "2^(2^(2^(2^n))) > 1", "factorial(factorial(factorial(n))) > 1",
        "sum(i in 1..10^9: i) > 1", "prime(2^5000 + n)",
        "exists a in 1..10^6: exists b in 1..10^6: a * b = 0",
        "product(k in 1..100000: k^9) > 1", "fib(10^12) > 0", "partitions(10^9) > 0",
        "sum(k in 1..10^6: sigma(k^3)) > 0",
        "tau(10^60 + 7) > 0", "nthprime(10^12) > 0", "exp(exp(exp(n))) > 1",
        "sum(k in 1..10^8: 1 / k) > 3",
    ],
)  # fmt: skip
def test_a_hostile_claim_ends_soon(claim: str) -> None:
    spec = from_text(f"for n in 1..: {claim}")
    began = time.process_time()
    assert scout(spec).judge((9,)) in {"out of reach", "undefined"}
    assert time.process_time() - began < 10


def test_the_least_witness_is_found() -> None:
    spec = from_text("for n in 4.. where even(n): exists p in 2..n: prime(p) and prime(n - p)")
    assert scout(spec).witness(spec.claim, spec.scope, (98,)) == 19  # type: ignore[arg-type]
