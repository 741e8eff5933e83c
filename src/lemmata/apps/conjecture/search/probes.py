"""Where counterexamples like to be: at boundaries, far out, and where Hypothesis looks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.exact.graph_definitions import Graph
from lemmata.apps.conjecture.kernels.clock import Clock, TimeUp
from lemmata.apps.conjecture.language.spec import MAX_VERTICES, Spec, Variable
from lemmata.apps.conjecture.search.blocks import Blocks

_MOST_BOUNDARY = 4000


def _dice(seed: int) -> random.Random:
    """Repeatable on purpose: the seed is in the report."""
    return random.Random(seed)  # noqa: S311


class Boundary:
    """The ends of the ranges and numbers known for trouble, in all combinations (or a sample)."""

    name = "boundary"

    def __init__(self, blocks: Blocks, clock: Clock, seed: int) -> None:
        self._blocks, self._clock = blocks, clock
        self._points = _boundary_points(blocks.spec, _dice(seed))
        self.done = False
        self.points = 0

    def advance(self) -> Point | None:
        """Judge the next hundred. Raises TimeUp."""
        for point in islice(self._points, 100):
            self._clock.check()
            self.points += 1
            if self._blocks.settle([point]) is not None:
                return point
        else:
            self.done = self.points % 100 != 0 or self.points >= _MOST_BOUNDARY
        return None


def _boundary_points(spec: Spec, chance: random.Random) -> Iterator[Point]:
    if any(variable.sort == "graph" for variable in spec.variables):
        return
    columns = [_special(variable) for variable in spec.variables]
    total = 1
    for column in columns:
        total *= len(column)
    if total <= _MOST_BOUNDARY:
        yield from product(*columns)
        return
    for _ in range(_MOST_BOUNDARY):
        yield tuple(chance.choice(column) for column in columns)


_TROUBLE = (
    *range(-3, 33), 40, 41, 60, 64, 97, 100, 101, 127, 128, 220, 284, 341, 360, 496, 561, 720,
    945, 1000, 1024, 1093, 1105, 1729, 2047, 3511, 5040, 5777, 8128, 27720, 30031, 65537,
    10**6, 10**6 + 3, 2**31 - 1, 2**31, 10**9 + 7, 2**32 + 1,
)  # fmt: skip
"""Small ones, powers of two and their neighbours, pseudoprimes, Wieferich primes, perfect, highly
composite and amicable numbers, and a few far out."""


def _special(variable: Variable) -> list[Any]:
    low, high = variable.low, variable.high
    near: list[Any] = list(_TROUBLE)
    for end in (low, high):
        if end is not None:
            near += [end + d for d in (-2, -1, 0, 1, 2)]
    if variable.sort == "real":
        thin = Fraction(1, 10**6)
        near += [Fraction(p, q) for q in (2, 3, 4, 7, 10) for p in range(-q, 2 * q)]
        near += [thin, -thin, 1 - thin, 1 + thin, Fraction(10**6), Fraction(-(10**6))]
        near += [end + s * thin for end in (low, high) if end is not None for s in (1, -1)]
    inside = {x for x in near if (low is None or x >= low) and (high is None or x <= high)}
    if variable.sort == "integer":
        return sorted(int(x) for x in inside)
    return sorted(Fraction(x) for x in inside)


class Stratified:
    """Random points, as many of each magnitude; the magnitudes rise while there is time."""

    name = "stratified random"

    def __init__(self, blocks: Blocks, clock: Clock, seed: int) -> None:
        self._blocks, self._clock, self._seed = blocks, clock, seed
        self.round = 0
        self._most = 62
        self.points = 0
        self.done = False

    @property
    def state(self) -> dict[str, Any]:
        return {"round": self.round, "most": self._most, "points": self.points}

    def restore(self, state: dict[str, Any]) -> None:
        self.round, self._most = int(state["round"]), int(state["most"])
        self.points = int(state["points"])

    def advance(self) -> Point | None:
        """One round. A round that takes too long lowers the greatest magnitude tried."""
        self.round += 1
        bits = min(8 + self.round, self._most)
        spec = self._blocks.spec
        try:
            with self._clock.slice(0.4):
                if all(variable.sort == "integer" for variable in spec.variables):
                    return self._integers(bits)
                return self._points_of(_dice(self._seed * 1_000_003 + self.round), bits)
        except TimeUp:
            self._clock.check()
            self._most = max(8, min(bits, self._most) - 1)
            return None

    def _integers(self, bits: int) -> Point | None:
        dice = np.random.default_rng([self._seed, self.round])
        many = 2048
        columns = {}
        # One magnitude for a whole point: otherwise one large value drowns the others.
        sizes = np.exp2(dice.uniform(0, bits, many))
        for variable in self._blocks.spec.variables:
            spread = (sizes * dice.uniform(0, 1, many)).astype(np.int64)
            columns[variable.name] = _placed(variable, spread, dice.integers(0, 2, many) * 2 - 1)
        self.points += many
        kept: Any = columns
        for name in columns:
            so_far = {n: kept[n] for n in list(columns)[: list(columns).index(name) + 1]}
            mask = self._blocks.keep(so_far, frozenset(so_far))
            if mask is not None:
                kept = {n: column[mask] for n, column in kept.items()}
            if not len(kept[name]):
                return None
        return self._blocks.look(kept)[0]

    def _points_of(self, chance: random.Random, bits: int) -> Point | None:
        for _ in range(500):
            self._clock.check()
            point = tuple(_drawn(v, chance, bits) for v in self._blocks.spec.variables)
            self.points += 1
            if self._blocks.settle([point]) is not None:
                return point
        return None


def _placed(variable: Variable, spread: Any, signs: Any) -> Any:
    """Distances from the nearest end of the range, or from 0 with a sign, as values of it."""
    low, high = variable.low, variable.high
    if low is not None and high is not None:
        return int(low) + spread % (int(high) - int(low) + 1)
    if low is not None:
        return int(low) + spread
    return int(high) - spread if high is not None else spread * signs


def _drawn(variable: Variable, chance: random.Random, bits: int) -> Any:
    if variable.sort == "graph":
        return _random_graph(variable, chance)
    low, high = variable.low, variable.high
    below = 1 if variable.sort == "integer" else chance.choice((1, 2, 3, 8, 64, 1000, 10**6))
    if low is not None and high is not None:
        return _exact(variable, low + (high - low) * Fraction(chance.randrange(10**6 + 1), 10**6))
    distance = Fraction(int(2 ** chance.uniform(0, min(bits, 40))) - 1, below)
    if low is not None:
        return _exact(variable, low + distance)
    sign = chance.choice((1, -1))
    return _exact(variable, high - distance if high is not None else sign * distance)


def _exact(variable: Variable, value: Fraction) -> Any:
    return int(value) if variable.sort == "integer" else value


def _random_graph(variable: Variable, chance: random.Random) -> Graph:
    low = int(variable.low) if variable.low is not None else 1
    high = int(variable.high) if variable.high is not None else max(low, 10)
    order = chance.randint(low, min(high, MAX_VERTICES))
    density = chance.random()
    pairs = ((a, b) for b in range(order) for a in range(b))
    return Graph(order, frozenset(pair for pair in pairs if chance.random() < density))


class Shrinking:
    """Hypothesis: its own mix of small and nasty values, and what fails shrunk."""

    name = "hypothesis"

    def __init__(self, blocks: Blocks, clock: Clock, seed: int) -> None:
        self._blocks, self._clock, self._seed = blocks, clock, seed
        self.done = blocks.spec.variables[0].sort == "graph"
        self.points = 0

    def advance(self) -> Point | None:
        """One run of a thousand examples; its failing point, shrunk. Raises TimeUp."""
        from hypothesis import HealthCheck, Phase, Verbosity, find, settings
        from hypothesis import strategies as st
        from hypothesis.errors import NoSuchExample, Unsatisfiable

        self._seed += 1
        quiet = settings(
            database=None, deadline=None, max_examples=1000, verbosity=Verbosity.quiet,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        points = st.tuples(*(_strategy(st, variable) for variable in self._blocks.spec.variables))
        try:
            found: Point = find(points, self._fails, settings=quiet, random=_dice(self._seed))
        except (NoSuchExample, Unsatisfiable):
            return None
        return found if self._blocks.settle([found]) is not None else None

    def _fails(self, point: Point) -> bool:
        self._clock.check()
        self.points += 1
        return self._blocks.scout.judge(point) == "fails"


def _strategy(st: Any, variable: Variable) -> Any:
    low, high = variable.low, variable.high
    if variable.sort == "integer":
        ends = (None if end is None else int(end) for end in (low, high))
        return st.integers(*ends)
    return st.fractions(low, high, max_denominator=1000)
