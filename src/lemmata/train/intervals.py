"""How far a count of right answers may be believed, for few items, without any library."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, fsum, sqrt

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval, each a share of 1 (a difference: from -1 to 1)."""

    value: float
    low: float
    high: float


def wilson(right: int, total: int) -> Interval:
    """The score interval of a proportion, which is honest near 0 and 1 (Wilson, JASA 22, 1927)."""
    share, square = right / total, Z95 * Z95
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = sqrt(share * (1 - share) / total + square / (4 * total * total))
    half *= Z95 / (1 + square / total)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def paired(before: Sequence[bool], after: Sequence[bool]) -> Interval:
    """after - before on the same items (Newcombe, Statistics in Medicine 17, 1998, method 10)."""
    total = len(before)
    both = sum(a and b for a, b in zip(before, after, strict=True))
    old, new = sum(before), sum(after)
    first, second = wilson(new, total), wilson(old, total)
    neither = total - old - new + both
    phi = _correlation(both, new - both, old - both, neither)
    down = _spread(first.value - first.low, second.high - second.value, phi)
    up = _spread(first.high - first.value, second.value - second.low, phi)
    change = first.value - second.value
    return Interval(change, change - down, change + up)


def mean(values: Sequence[float], seed: int = 0, draws: int = 2000) -> Interval:
    """The mean of values with its percentile bootstrap interval (Efron, Annals of Statistics 7,
    1979), seeded; any numbers, not only shares. `values` are not empty."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, no secret
    count = len(values)
    means = sorted(fsum(rng.choices(values, k=count)) / count for _ in range(draws))
    low, high = means[round(0.025 * (draws - 1))], means[round(0.975 * (draws - 1))]
    return Interval(fsum(values) / count, low, high)


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """Two-sided exact p that as many items were lost as won (a sign test on those that changed)."""
    won = sum(b and not a for a, b in zip(before, after, strict=True))
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    changed = won + lost
    tail = sum(comb(changed, k) for k in range(min(won, lost) + 1))
    return float(min(1.0, 2 * tail / 2**changed))


def _correlation(both: int, gained: int, lost: int, neither: int) -> float:
    """phi of the 2 x 2 table, with the paper's correction; 0 where a margin is empty."""
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    if margins == 0:
        return 0.0
    products = float(both * neither - gained * lost)
    if products > 0:
        products = max(products - (both + gained + lost + neither) / 2, 0)
    return float(products / sqrt(margins))


def _spread(a: float, b: float, phi: float) -> float:
    return sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))
