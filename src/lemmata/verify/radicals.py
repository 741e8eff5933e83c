"""Rational numbers and monomials to rational powers."""

from __future__ import annotations

from fractions import Fraction

from lemmata.verify import exact
from lemmata.verify.exact import ONE, POSITIVE, Monomial, Quotient


def number_power(value: Fraction, exponent: Fraction) -> Quotient:
    """A positive rational to a rational power, as a product of radicals of primes."""
    powers: dict[str, exact.Exponent] = {}
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, multiplicity in exact.primes(part):
            powers[f"#{prime}"] = powers.get(f"#{prime}", 0) + sign * multiplicity * exponent
    factor, monomial, _ = exact.reduced(powers)
    return Quotient({monomial: factor})


def scaled(monomial: Monomial, by: Fraction) -> Quotient:
    """monomial ** by, whole powers of radicals taken out."""
    powers: dict[str, exact.Exponent] = {name: power * by for name, power in monomial}
    factor, kept, extra = exact.reduced(powers)
    return Quotient({kept: factor}) * Quotient(extra or ONE)


def is_positive(name: str) -> bool:
    return name.startswith(POSITIVE) and not name.startswith("exp:-")
