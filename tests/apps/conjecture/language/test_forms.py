"""The rewritten forms have the same value as the tree they replace."""

from __future__ import annotations

import pytest

from lemmata.apps.conjecture.exact.judges import judge
from lemmata.apps.conjecture.language.forms import cleared, modular, summed, unsummed
from lemmata.apps.conjecture.language.spec import Spec, from_text
from lemmata.apps.conjecture.language.write import write


@pytest.mark.parametrize(
    ("claim", "form"),
    [
        ("(2^n - 2) mod n = 0", "(powmod(2, n, n) - 2) mod n = 0"),
        ("divides(n, 3 * 2^n + n^5)", "(3 * powmod(2, n, n) + powmod(n, 5, n)) mod n = 0"),
        ("divides(n, n^2 + 1)", "divides(n, n^2 + 1)"),
        ("(2^n)^3 mod 7 = 1", "powmod(powmod(2, n, 7), 3, 7) mod 7 = 1"),
        ("prime(2^n - 1)", "prime(2^n - 1)"),
    ],
)
def test_powers_under_mod_are_taken_modulo(claim: str, form: str) -> None:
    spec = from_text(f"for n in 1..: {claim}")
    assert write(modular(spec.claim)) == form
    rewritten = Spec(spec.variables, None, modular(spec.claim))
    assert [judge(spec).judge((n,)) for n in range(1, 40)] == [
        judge(rewritten).judge((n,)) for n in range(1, 40)
    ]


@pytest.mark.parametrize(
    ("claim", "form"),
    [
        ("sum(k in 1..n: k) = n * (n + 1) / 2", "sum(k in 1..n: k) * 2 = n * (n + 1)"),
        ("n / 2 + n / 3 >= 1.5", "n * 3 + n * 2 >= 9"),
        ("1 / n < 1", "1 / n < 1"),
        ("sqrt(n) / 2 < 1", "sqrt(n) / 2 < 1"),
    ],
)
def test_fixed_divisors_are_multiplied_away(claim: str, form: str) -> None:
    spec = from_text(f"for n in 1..: {claim}")
    assert write(cleared(spec.claim, spec.scope)) == form


def test_summatory_functions_and_sums_are_turned_into_each_other() -> None:
    spec = from_text("for n in 1..: liouville_sum(n) <= mertens(n + 1)")
    sums = summed(spec.claim, frozenset("n"))
    assert write(sums) == "sum(k0 in 1..n: liouville(k0)) <= sum(k0 in 1..n + 1: mobius(k0))"
    assert unsummed(sums) == spec.claim
