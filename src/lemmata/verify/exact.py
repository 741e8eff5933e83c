"""The exact route: a normal form in which equal values look equal.

A value becomes a quotient of polynomials with rational coefficients in *atoms*: variables, π, e, i,
radicals of primes (`#2`, with fractional exponents in [0, 1)), logarithms of primes, powers with
symbolic exponents, functions of normal arguments. A vanishing difference proves equality. Where
only radicals of primes occur, a difference that does not vanish proves inequality, because those
radicals are linearly independent over the rationals (Besicovitch 1940). Each operation checks its
cost before it is done.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import floor, gcd, lcm

import flint

BITS = 1 << 17
"""No rational number larger than this is ever formed."""
TERMS = 400
"""No polynomial longer than this is ever formed."""

Exponent = int | Fraction
Monomial = tuple[tuple[str, Exponent], ...]
Poly = dict[Monomial, Fraction]
ONE: Poly = {(): Fraction(1)}
POSITIVE = ("#", "pi", "e", "exp:", "abs:", "root:")


_SMALL_PRIMES = tuple(n for n in range(2, 1000) if all(n % d for d in range(2, int(n**0.5) + 1)))


class TooCostly(Exception):
    """The value is larger than the exact route will form."""


class NotExact(Exception):
    """No normal form: infinity, division by zero, a function it does not know."""


class Quotient:
    """`top / bottom`; a bottom of one term is divided out. `bases` of root atoms are kept here."""

    __slots__ = ("bottom", "top")

    def __init__(self, top: Poly, bottom: Poly = ONE) -> None:
        if not bottom:
            raise NotExact("division by zero")
        if bottom is not ONE and len(bottom) == 1:
            ((monomial, coefficient),) = bottom.items()
            factor, inverse, extra = reduced({name: -power for name, power in monomial})
            top = times(top, {inverse: _affordable(factor / coefficient)})
            top, bottom = times(top, extra or ONE), ONE
        elif bottom is not ONE:
            lead = bottom[min(bottom)]
            top = {m: c / lead for m, c in top.items()}
            bottom = {m: c / lead for m, c in bottom.items()}
        self.top, self.bottom = top, bottom

    def constant(self) -> Fraction | None:
        """The value, if it is a rational number."""
        if self.bottom is not ONE or len(self.top) > 1:
            return None
        return self.top.get((), None if self.top else Fraction(0))

    def term(self) -> tuple[Fraction, Monomial] | None:
        """The coefficient and monomial of a value of one term."""
        if self.bottom is not ONE or len(self.top) != 1:
            return None
        ((monomial, coefficient),) = self.top.items()
        return coefficient, monomial

    def key(self) -> str:
        """A text that equal normal forms share; names atoms made of this value."""
        return poly_key(self.top) + ("" if self.bottom is ONE else "/" + poly_key(self.bottom))

    def __add__(self, other: Quotient) -> Quotient:
        if self.bottom is other.bottom or self.bottom == other.bottom:
            return Quotient(plus(self.top, other.top), self.bottom)
        top = plus(times(self.top, other.bottom), times(other.top, self.bottom))
        return Quotient(top, times(self.bottom, other.bottom))

    def __mul__(self, other: Quotient) -> Quotient:
        if self.bottom is ONE and other.bottom is ONE:
            return Quotient(times(self.top, other.top))
        return Quotient(times(self.top, other.top), times(self.bottom, other.bottom))

    def __neg__(self) -> Quotient:
        return Quotient({m: -c for m, c in self.top.items()}, self.bottom)

    def __sub__(self, other: Quotient) -> Quotient:
        return self + -other

    def __truediv__(self, other: Quotient) -> Quotient:
        if not other.top:
            raise NotExact("division by zero")
        return Quotient(times(self.top, other.bottom), times(self.bottom, other.top))


def rational(value: int | Fraction) -> Quotient:
    return Quotient({(): Fraction(value)} if value else {})


def atom(name: str, exponent: Exponent = 1) -> Quotient:
    return Quotient({((name, exponent),): Fraction(1)})


def poly_key(poly: Poly) -> str:
    return "+".join(number_key(poly[m]) + monomial_key(m) for m in sorted(poly)) or "0"


def number_key(value: Exponent) -> str:
    """In hexadecimal, which Python prints in linear time and at any length."""
    return f"{value.numerator:x}/{value.denominator:x}"


def monomial_key(monomial: Monomial) -> str:
    return "".join(f"[{name}^{number_key(power)}]" for name, power in monomial)


def plus(left: Poly, right: Poly) -> Poly:
    out = dict(left)
    for monomial, coefficient in right.items():
        total = out.get(monomial, 0) + coefficient
        if total:
            out[monomial] = _affordable(total)
        else:
            out.pop(monomial, None)
    if len(out) > TERMS:
        raise TooCostly
    return out


def times(left: Poly, right: Poly) -> Poly:
    if right is ONE:
        return left
    if left is ONE:
        return right
    if len(left) * len(right) > 4 * TERMS:
        raise TooCostly
    out: Poly = {}
    for m, a in left.items():
        for n, b in right.items():
            if a.numerator.bit_length() + b.numerator.bit_length() > BITS:
                raise TooCostly
            out = _accumulate(out, a * b, m, n)
    return out


def _accumulate(out: Poly, coefficient: Fraction, m: Monomial, n: Monomial) -> Poly:
    factor, monomial, rewritten = join(m, n)
    coefficient *= factor
    if rewritten is not None:
        return plus(out, times(times({monomial: coefficient}, ONE), rewritten))
    total = out.get(monomial, 0) + coefficient
    if total:
        out[monomial] = _affordable(total)
    else:
        out.pop(monomial, None)
    return out


def _affordable(value: Fraction) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > BITS:
        raise TooCostly
    return value


_bases: dict[str, Poly] = {}


def base_of(name: str, poly: Poly) -> str:
    """Remember what a root atom is the root of."""
    if len(_bases) > 20_000:
        _bases.clear()
    _bases[name] = poly
    return name


def join(m: Monomial, n: Monomial) -> tuple[Fraction, Monomial, Poly | None]:
    """The product of two monomials as (number, monomial, polynomial still to multiply)."""
    if not n:
        return Fraction(1), m, None
    if not m:
        return Fraction(1), n, None
    powers = dict(m)
    for name, power in n:
        powers[name] = powers.get(name, 0) + power
    return reduced(powers)


def reduced(powers: dict[str, Exponent]) -> tuple[Fraction, Monomial, Poly | None]:
    """Whole powers of prime radicals leave as numbers, i² as −1, sin² as 1 − cos²."""
    factor, out, extra = Fraction(1), [], None
    for name in sorted(powers):
        power = powers[name]
        if name[0] == "#":
            whole = floor(power)
            factor *= integer_power(Fraction(int(name[1:])), whole)
            power -= whole
        elif name == "i":
            turns = int(power) % 4
            factor, power = (-factor if turns >= 2 else factor), turns % 2
        elif name.startswith("sin:") and power >= 2:
            twice = int(power) // 2
            cosine: Poly = {(("cos:" + name[4:], 2),): Fraction(-1), (): Fraction(1)}
            extra = times(extra or ONE, poly_power(cosine, twice))
            power -= 2 * twice
        elif name.startswith("root:") and power >= 1 and name in _bases:
            whole = floor(power)
            extra = times(extra or ONE, poly_power(_bases[name], whole))
            power -= whole
        if power:
            if isinstance(power, Fraction) and power.denominator == 1:
                power = int(power)
            out.append((name, power))
    return factor, tuple(out), extra


def poly_power(poly: Poly, exponent: int) -> Poly:
    """By squaring, for exponents of at most 128."""
    if len(poly) > 1 and exponent > 128:
        raise TooCostly
    result, square = ONE, poly
    while exponent:
        if exponent & 1:
            result = times(result, square)
        exponent >>= 1
        if exponent:
            square = times(square, square)
    return result


def integer_power(base: Fraction, exponent: int) -> Fraction:
    """base**exponent where the result fits BITS. Raises TooCostly, NotExact for 0 to a negative."""
    if exponent == 0 or base == 1:
        return Fraction(1)
    if base == 0:
        if exponent < 0:
            raise NotExact("division by zero")
        return base
    if base == -1:
        return Fraction(-1 if exponent % 2 else 1)
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if size * abs(exponent) > BITS:
        raise TooCostly
    return base**exponent


@lru_cache(maxsize=4096)
def primes(value: int) -> tuple[tuple[int, int], ...]:
    """The factorisation of a positive integer. Raises TooCostly where more than 110 bits are left
    after the primes below 1000."""
    found: list[tuple[int, int]] = []
    if value.bit_length() > 110:
        if value.bit_length() > 20_000:
            raise TooCostly
        for prime in _SMALL_PRIMES:
            power = 0
            while value % prime == 0:
                value, power = value // prime, power + 1
            if power:
                found.append((prime, power))
        if value.bit_length() > 110:
            raise TooCostly
    return (*found, *((int(p), int(k)) for p, k in flint.fmpz(value).factor()))


def content(poly: Poly) -> Fraction:
    """The positive rational that makes the coefficients coprime integers when divided out."""
    top = bottom = 0
    for coefficient in poly.values():
        top = gcd(top, coefficient.numerator)
        bottom = lcm(bottom, coefficient.denominator) if bottom else coefficient.denominator
    return Fraction(top, bottom)


def vanishes(difference: Quotient) -> bool | None:
    """True and False are proved; None where atoms other than radicals of primes remain."""
    if not difference.top:
        return True
    if all(name[0] == "#" or name == "i" for m in difference.top for name, _ in m):
        return False
    return None
