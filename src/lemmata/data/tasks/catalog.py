"""All families by name, and the sets that go together."""

from __future__ import annotations

from lemmata.data.tasks import (
    derangements,
    divisors,
    gcd_and_lcm,
    inclusion_exclusion,
    lattice_paths,
    linear_diophantine,
    modular_power,
    primes,
    recurrences,
    remainders,
    series,
    stars_and_bars,
    urns_and_dice,
    vieta,
)
from lemmata.data.tasks.family import Family
from lemmata.data.tasks.programs import (
    alignments,
    coins,
    grids,
    knapsack,
    spacing,
    stairs,
    subsequences,
)

_COMPETITION: tuple[Family, ...] = (
    inclusion_exclusion,
    lattice_paths,
    derangements,
    urns_and_dice,
    linear_diophantine,
    modular_power,
    series,
    recurrences,
    vieta,
)
_QUICKSTART: tuple[Family, ...] = (stars_and_bars,)
_NUMBER_THEORY: tuple[Family, ...] = (gcd_and_lcm, divisors, remainders, primes)
_PROGRAMS: tuple[Family, ...] = (
    stairs,
    coins,
    knapsack,
    subsequences,
    alignments,
    grids,
    spacing,
)

FAMILIES: dict[str, Family] = {
    family.NAME: family for family in (*_COMPETITION, *_NUMBER_THEORY, *_PROGRAMS, *_QUICKSTART)
}
SETS: dict[str, tuple[str, ...]] = {
    "competition": tuple(family.NAME for family in _COMPETITION),
    "number-theory": tuple(family.NAME for family in _NUMBER_THEORY),
    "dynamic-programming": tuple(family.NAME for family in _PROGRAMS),
}
