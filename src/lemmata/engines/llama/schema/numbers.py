"""Numbers between bounds, as GBNF: digit by digit."""

from __future__ import annotations

import math
from fractions import Fraction

from lemmata.engines.llama.schema.gbnf import Span, any_of, constant, digits
from lemmata.errors import BadInput

FARTHEST = 10**15 - 1
"""Bound where the schema has none: JSON readers keep integers exact up to 2^53."""
MOST_DECIMALS = 6
_MOST_MULTIPLES = 256
WHOLE = '("0" | [1-9] [0-9]{0,14})'
ANY_INTEGER = f'"-"? {WHOLE}'
_FRACTION = f'("." [0-9]{{1,{MOST_DECIMALS}}})? ([eE] [-+]? [0-9])?'
ANY_NUMBER = f"{ANY_INTEGER} {_FRACTION}"

Bounds = tuple[Fraction | None, Fraction | None]


def integer(low: Fraction | None, high: Fraction | None) -> str:
    """Integers from `low` to `high`, both included. Raises BadInput where there is none."""
    if low is None and high is None:
        return ANY_INTEGER
    least = -FARTHEST if low is None else math.ceil(low)
    most = max(FARTHEST, least) if high is None else math.floor(high)
    return _scaled(min(least, most) if low is None else least, most, 0)


def number(low: Fraction | None, high: Fraction | None, decimals: int | None = None) -> str:
    """Numbers between the bounds, whole or with `decimals` places."""
    if low is None and high is None and decimals is None:
        return ANY_NUMBER
    if low == 0 and high is None and decimals is None:
        return f"{WHOLE} {_FRACTION}"
    places = _places(low, high) if decimals is None else decimals
    unit = 10**places
    least = -FARTHEST * unit if low is None else math.ceil(low * unit)
    most = FARTHEST * unit if high is None else math.floor(high * unit)
    found = [_scaled(least, most, places)]
    if math.ceil(Fraction(least, unit)) <= math.floor(Fraction(most, unit)):
        found.insert(0, integer(Fraction(least, unit), Fraction(most, unit)))
    return any_of(found)


def multiple(of: Fraction, low: Fraction | None, high: Fraction | None, whole: bool) -> str:
    """Multiples of `of` between the bounds: all decimals where it is 1, 0.1, 0.01 …, else those
    nearest to zero."""
    places = next((n for n in range(MOST_DECIMALS + 1) if of * 10**n == 1), None)
    if places is not None:
        return integer(low, high) if whole or not places else number(low, high, places)
    first = -_MOST_MULTIPLES // 2 if low is None else math.ceil(low / of)
    last = first + _MOST_MULTIPLES if high is None else math.floor(high / of)
    first = max(first, last - _MOST_MULTIPLES) if low is None else first
    values = [of * n for n in range(first, min(last, first + _MOST_MULTIPLES) + 1)]
    shown = [value for value in values if value.denominator == 1 or not whole]
    if not shown:
        raise BadInput(f"no multiple of {of} lies between the schema's bounds")
    return any_of(constant(int(v) if v.denominator == 1 else float(v)) for v in shown)


def exact(value: object) -> Fraction:
    """A number of the schema as people wrote it: 0.1 is a tenth."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(f"the JSON schema has {value!r} where a number belongs")
    return Fraction(str(value))


def _places(low: Fraction | None, high: Fraction | None) -> int:
    """Enough decimals that something lies between the bounds."""
    for places in range(2, MOST_DECIMALS + 1):
        unit = 10**places
        if low is None or high is None or math.ceil(low * unit) < math.floor(high * unit):
            return places
    return MOST_DECIMALS


def _scaled(least: int, most: int, places: int) -> str:
    """Integers from `least` to `most`, written with the point before the last `places` digits."""
    if least > most:
        raise BadInput("no number lies between the schema's bounds", "Check minimum and maximum.")
    found = []
    if most >= 0:
        found += _shown(_ranges(max(least, 0), most, places), places)
    if least < 0:
        below = _shown(_ranges(max(-most, 1), -least, places), places)
        found += ['"-" ' + part for part in below]
    return any_of(found)


def _shown(ranges: list[list[Span]], places: int) -> list[str]:
    """As GBNF; all numbers of several lengths are one pattern."""
    whole = [span for span in ranges if span == [(1, 9), *[(0, 9)] * (len(span) - 1)]]
    if places or len(whole) < 2:
        return [_pointed(span, places) for span in ranges]
    others = [_pointed(span, places) for span in ranges if span not in whole]
    return [*others, f"[1-9] [0-9]{{{len(whole[0]) - 1},{len(whole[-1]) - 1}}}"]


def _pointed(spans: list[Span], places: int) -> str:
    if not places:
        return digits(spans)
    return f'{digits(spans[:-places])} "." {digits(spans[-places:])}'


def _ranges(low: int, high: int, places: int) -> list[list[Span]]:
    """Digit patterns that together are low..high, none negative; at least places + 1 digits."""
    found: list[list[Span]] = []
    for size in range(max(len(str(low)), places + 1), max(len(str(high)), places + 1) + 1):
        first = low if size == max(len(str(low)), places + 1) else 10 ** (size - 1)
        last = min(high, 10**size - 1)
        found += _same_length(str(first).zfill(size), str(last).zfill(size))
    return found


def _same_length(low: str, high: str) -> list[list[Span]]:
    size = len(low)
    if low == "0" * size and high == "9" * size:
        return [[(0, 9)] * size]
    if not size or low == high:
        return [[(int(digit), int(digit)) for digit in low]]
    first, last = int(low[0]), int(high[0])
    if first == last:
        return [[(first, first), *rest] for rest in _same_length(low[1:], high[1:])]
    found, nines, noughts = [], "9" * (size - 1), "0" * (size - 1)
    if low[1:] != noughts:
        found += [[(first, first), *rest] for rest in _same_length(low[1:], nines)]
        first += 1
    inner = last if high[1:] == nines else last - 1
    if first <= inner:
        found.append([(first, inner), *[(0, 9)] * (size - 1)])
    if inner < last:
        found += [[(last, last), *rest] for rest in _same_length(noughts, high[1:])]
    return found
