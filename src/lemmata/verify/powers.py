"""Powers, roots, logarithms and absolute values of normal forms."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from lemmata.verify import exact
from lemmata.verify.exact import ONE, Monomial, NotExact, Poly, Quotient, TooCostly, atom, rational
from lemmata.verify.radicals import is_positive, number_power, scaled
from lemmata.verify.trigonometry import cosine

_I = ("i", 1)
_I_PI: Monomial = (("i", 1), ("pi", 1))


def power(base: Quotient, exponent: Quotient) -> Quotient:
    """base ** exponent, by the laws that hold for positive bases and for whole exponents."""
    value = exponent.constant()
    if value is None:
        return _symbolic_power(base, exponent)
    if value.denominator == 1:
        try:
            return whole_power(base, value.numerator)
        except TooCostly:
            return _unopened(base, value.numerator)
    if base.bottom is ONE:
        return _fractional_power(base.top, value)
    return _fractional_power(base.top, value) * _fractional_power(base.bottom, -value)


def _unopened(base: Quotient, exponent: int) -> Quotient:
    """A power too large to form, as powers of unopened primes, so that equal ones still cancel."""
    number = base.constant()
    if number is None or number <= 0:
        raise TooCostly
    powers: dict[str, exact.Exponent] = {}
    for part, sign in ((number.numerator, 1), (number.denominator, -1)):
        for prime, multiplicity in exact.primes(part):
            powers[f"tower:{prime}"] = sign * multiplicity * exponent
    return Quotient({tuple(sorted(powers.items())): Fraction(1)})


def whole_power(base: Quotient, exponent: int) -> Quotient:
    single = base.term()
    if single is None:
        if exponent >= 0:
            return Quotient(
                exact.poly_power(base.top, exponent), exact.poly_power(base.bottom, exponent)
            )
        if not base.top:
            raise NotExact("division by zero")
        return whole_power(Quotient(base.bottom, base.top), -exponent)
    coefficient, monomial = single
    return scaled(monomial, Fraction(exponent)) * rational(
        exact.integer_power(coefficient, exponent)
    )


def _fractional_power(poly: Poly, exponent: Fraction) -> Quotient:
    if not poly:
        if exponent < 0:
            raise NotExact("division by zero")
        return rational(0)
    if len(poly) > 1:
        return _root_of_sum(poly, exponent)
    ((monomial, coefficient),) = poly.items()
    sign = rational(1)
    if coefficient < 0:
        coefficient = -coefficient
        if exponent.denominator % 2:
            sign = rational(-1 if exponent.numerator % 2 else 1)
        elif exponent.denominator == 2 and all(is_positive(name) for name, _ in monomial):
            sign = whole_power(atom("i"), exponent.numerator)
        else:
            return _root_of_sum(poly, exponent)
    return sign * number_power(coefficient, exponent) * _monomial_root(monomial, exponent)


def _monomial_root(monomial: Monomial, exponent: Fraction) -> Quotient:
    """√(x²) is |x|; √x asks for no absolute value, since x cannot be negative there."""
    result = rational(1)
    for name, power_ in monomial:
        total = power_ * exponent
        even = power_.denominator == 1 and power_ % 2 == 0 and exponent.denominator % 2 == 0
        if name == "i":
            raise NotExact("a root of an imaginary number")
        if even and not is_positive(name) and not (total.denominator == 1 and total % 2 == 0):
            name = f"abs:{name}"
        result = result * scaled(((name, Fraction(1)),), Fraction(total))
    return result


def _root_of_sum(poly: Poly, exponent: Fraction) -> Quotient:
    """A root atom of the primitive part; its whole powers stay polynomials."""
    size = exact.content(poly)
    primitive = {m: c / size for m, c in poly.items()}
    whole = floor(exponent)
    name = exact.base_of("root:" + exact.poly_key(primitive), primitive)
    root = Quotient({((name, exponent - whole),): Fraction(1)})
    return number_power(size, exponent) * root * whole_power(Quotient(primitive), whole)


def _symbolic_power(base: Quotient, exponent: Quotient) -> Quotient:
    single = base.term()
    if single is None or exponent.bottom is not ONE:
        return atom(f"pow:{base.key()}:{exponent.key()}")
    coefficient, monomial = single
    constant = exponent.top.get((), Fraction(0))
    result = power(base, rational(constant))
    for m, factor in exponent.top.items():
        if m:
            result = result * _number_to(coefficient, m, factor)
            for name, inner in monomial:
                result = result * _atom_to(name, m, inner * factor)
    return result


def _number_to(value: Fraction, m: Monomial, factor: Fraction) -> Quotient:
    result = rational(1)
    if value < 0:
        turns = factor % 2
        result = (
            Quotient({((f"exp:-1:{exact.monomial_key(m)}", turns),): Fraction(1)})
            if turns
            else result
        )
        value = -value
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, multiplicity in exact.primes(part):
            result = result * _atom_to(f"#{prime}", m, sign * multiplicity * factor)
    return result


def _atom_to(name: str, m: Monomial, factor: exact.Exponent) -> Quotient:
    """atom ** (factor · m); e to iπ and to logarithms is known."""
    factor = Fraction(factor)
    if name == "e" and m == _I_PI:
        return cosine(factor) + atom("i") * cosine(Fraction(1, 2) - factor)
    if name == "e":
        for position, (part, degree) in enumerate(m):
            if part.startswith("ln:") and degree == 1:
                return _undo_logarithm(part[3:], m[:position] + m[position + 1 :], factor, m)
    if not m:
        return scaled(((name, 1),), factor)
    return _opaque_power(name, m, factor)


def _opaque_power(name: str, m: Monomial, factor: Fraction) -> Quotient:
    return Quotient({((f"exp:{name}:{exact.monomial_key(m)}", factor),): Fraction(1)})


def _undo_logarithm(base: str, rest: Monomial, factor: Fraction, whole: Monomial) -> Quotient:
    """e ** (factor · rest · ln base)."""
    if base.isdigit():
        return _atom_to(f"#{base}", rest, factor)
    value = _logged.get(base)
    return (
        power(value, rational(factor)) if value and not rest else _opaque_power("e", whole, factor)
    )


_logged: dict[str, Quotient] = {}


def logarithm(value: Quotient) -> Quotient:
    """The natural logarithm, split over products; of rationals into logarithms of primes."""
    if value.bottom is not ONE:
        return logarithm(Quotient(value.top)) - logarithm(Quotient(value.bottom))
    single = value.term()
    if single is None:
        if not value.top:
            raise NotExact("logarithm of zero")
        size = exact.content(value.top)
        primitive = Quotient({m: c / size for m, c in value.top.items()})
        return _log_number(size) + _log_atom(primitive)
    coefficient, monomial = single
    if coefficient < 0:
        return _log_atom(value)
    result = _log_number(coefficient)
    for name, degree in monomial:
        result = result + _log_of_atom(name) * rational(Fraction(degree))
    return result


def _log_of_atom(name: str) -> Quotient:
    if name == "e":
        return rational(1)
    if name[0] == "#":
        return atom(f"ln:{name[1:]}")
    return _log_atom(atom(name))


def _log_atom(value: Quotient) -> Quotient:
    if len(_logged) > 20_000:
        _logged.clear()
    key = f"({value.key()})"
    _logged[key] = value
    return atom(f"ln:{key}")


def _log_number(value: Fraction) -> Quotient:
    result = rational(0)
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, multiplicity in exact.primes(part):
            result = result + Quotient({((f"ln:{prime}", 1),): Fraction(sign * multiplicity)})
    return result


def _is_complex_number(poly: Poly) -> bool:
    """Numbers in radicals, π and e, with i somewhere."""
    names = {name for monomial in poly for name, _ in monomial}
    return "i" in names and all(name in ("i", "pi", "e") or name[0] == "#" for name in names)


def absolute(value: Quotient) -> Quotient:
    single = value.term()
    if single is None and value.bottom is ONE and _is_complex_number(value.top):
        real = Quotient({m: c for m, c in value.top.items() if _I not in m})
        other = {tuple(p for p in m if p != _I): c for m, c in value.top.items() if _I in m}
        imaginary = Quotient(other)
        return power(real * real + imaginary * imaginary, rational(Fraction(1, 2)))
    if single is None:
        flipped = bool(value.top) and value.top[min(value.top)] < 0
        return atom(f"abs:({(-value if flipped else value).key()})") if value.top else value
    coefficient, monomial = single
    result = rational(abs(coefficient))
    for name, degree in monomial:
        if name == "i":
            continue
        even = Fraction(degree).denominator == 1 and degree % 2 == 0
        kept = name if even or is_positive(name) else f"abs:{name}"
        result = result * scaled(((kept, 1),), Fraction(degree))
    return result
