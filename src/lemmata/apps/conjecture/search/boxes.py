"""The domain as growing boxes: all points whose values have extent at most m, shell by shell.

The points of extent over `inner` up to `outer` are met once: for one variable after another, that
one beyond `inner`, those before it within, those after it anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.kernels import vectors as v
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Reals, Value
from lemmata.apps.conjecture.language.spec import Spec, Variable
from lemmata.apps.conjecture.search.points import extent

MOST_ROWS = 1 << 20
Columns = dict[str, Array]
"""One column for each variable: an integer's values, or the places of a real in `fractions`."""


MOST_HEIGHT = 200
"""Of the fractions a real runs through: about 50,000 of them."""


class Fractions:
    """All fractions in order of height, listed as far as asked for; places never change."""

    def __init__(self) -> None:
        self.values = [Fraction(0)]
        self.counts = [1]
        """How many have height at most 0, 1, 2, …"""
        self._columns: tuple[Array, Array, Array] | None = None

    def up_to(self, height: int) -> int:
        """How many fractions have at most this height."""
        while len(self.counts) <= height:
            h = len(self.counts)
            rising = sorted(
                {Fraction(h, q) for q in range(1, h + 1) if math.gcd(h, q) == 1}
                | {Fraction(p, h) for p in range(1, h) if math.gcd(p, h) == 1}
            )
            self.values += [sign * value for value in rising for sign in (1, -1)]
            self.counts.append(len(self.values))
        return self.counts[height] if height >= 0 else 0

    @property
    def columns(self) -> tuple[Array, Array, Array]:
        """(low, high, height) of each: the floats around it."""
        if self._columns is None or len(self._columns[0]) != len(self.values):
            near = np.array([value.numerator / value.denominator for value in self.values])
            exact = np.array([value.denominator.bit_count() == 1 for value in self.values])
            heights = np.array([extent(value) for value in self.values], dtype=np.int64)
            low, high = np.where(exact, near, v.down(near)), np.where(exact, near, v.up(near))
            self._columns = (low, high, heights)
        return self._columns


class Boxes:
    """The boxes of one spec whose variables are integers and reals."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.fractions = Fractions()

    @property
    def start(self) -> int:
        """The greatest m whose box is surely empty, or -1."""
        least = [_least_extent(variable) for variable in self.spec.variables]
        return max(least) - 1

    @property
    def end(self) -> int | None:
        """The m whose box is the whole domain; None where there is none."""
        ends = [_most_extent(variable) for variable in self.spec.variables]
        finite = [end for end in ends if end is not None]
        return max(finite) if len(finite) == len(ends) else None

    @property
    def reach(self) -> int | None:
        """The greatest m that can be asked for."""
        real = any(variable.sort == "real" for variable in self.spec.variables)
        ends = [end for end in (self.end, MOST_HEIGHT if real else None) if end is not None]
        return min(ends) if ends else None

    def count(self, inner: int, outer: int) -> int:
        """How many points have extent over `inner` and at most `outer`, before any guard."""
        return self._volume(outer) - self._volume(inner)

    def shell(
        self, inner: int, outer: int, keep: Callable[[Columns, frozenset[str]], Array | None]
    ) -> Iterator[Columns]:
        """Those points in blocks. `keep` gets partial rows and the variables just completed, and
        says which rows may go on (None: all)."""
        names = [variable.name for variable in self.spec.variables]
        for leader, variable in enumerate(self.spec.variables):
            columns = [self._values(variable, inner, outer)]
            order = [variable.name]
            for other, another in enumerate(self.spec.variables):
                if other != leader:
                    order.append(another.name)
                    columns.append(self._values(another, -1, inner if other < leader else outer))
            for rows in _expand({}, list(zip(order, columns, strict=True)), keep):
                yield {name: rows[name] for name in names}

    def value(self, rows: Columns) -> dict[str, Value]:
        """The rows as the kernels take them."""
        return {
            variable.name: self._reals(rows[variable.name])
            if variable.sort == "real"
            else Ints(rows[variable.name])
            for variable in self.spec.variables
            if variable.name in rows
        }

    def point(self, rows: Columns, row: int) -> Point:
        """One row as an exact point."""
        return tuple(
            self.fractions.values[int(rows[variable.name][row])]
            if variable.sort == "real"
            else int(rows[variable.name][row])
            for variable in self.spec.variables
        )

    def extents(self, rows: Columns) -> Array:
        """The extent of each row: the largest of its values."""
        each = [
            self.fractions.columns[2][rows[variable.name]]
            if variable.sort == "real"
            else np.abs(rows[variable.name])
            for variable in self.spec.variables
        ]
        return np.asarray(np.maximum.reduce(each))

    def _values(self, variable: Variable, inner: int, outer: int) -> Array:
        """The variable's values of extent over `inner` up to `outer`; integers ascending."""
        if variable.sort == "real":
            return self._places(variable, inner, outer)
        low, high = _ends(variable, outer)
        near_low, near_high = max(low, -inner), min(high, inner)
        if inner < 0 or near_low > near_high:
            return np.arange(low, high + 1, dtype=np.int64)
        below = np.arange(low, near_low, dtype=np.int64)
        above = np.arange(near_high + 1, high + 1, dtype=np.int64)
        return np.concatenate((below, above)) if below.size else above

    def _places(self, variable: Variable, inner: int, outer: int) -> Array:
        """The places of those fractions among all."""
        first, last = self.fractions.up_to(inner), self.fractions.up_to(outer)
        places = [
            place
            for place, value in enumerate(self.fractions.values[first:last], first)
            if (variable.low is None or value >= variable.low)
            and (variable.high is None or value <= variable.high)
        ]
        return np.array(places, dtype=np.int64)

    def _reals(self, places: Array) -> Reals:
        low, high, _ = self.fractions.columns
        return Reals(low[places], high[places])

    def _volume(self, m: int) -> int:
        if m < 0:
            return 0
        total = 1
        for variable in self.spec.variables:
            if variable.sort == "real":
                total *= len(self._places(variable, -1, m))
            else:
                low, high = _ends(variable, m)
                total *= max(0, high - low + 1)
        return total


def _expand(
    rows: Columns,
    waiting: list[tuple[str, Array]],
    keep: Callable[[Columns, frozenset[str]], Array | None],
) -> Iterator[Columns]:
    """Cross the rows with the next variable's values, piece by piece, and drop what `keep` does."""
    if not waiting:
        yield rows
        return
    (name, values), rest = waiting[0], waiting[1:]
    height = len(next(iter(rows.values()))) if rows else 1
    at_once = max(1, MOST_ROWS // max(len(values), 1))
    for start in range(0, height, at_once):
        some = {held: column[start : start + at_once] for held, column in rows.items()}
        here = min(at_once, height - start)
        for first in range(0, len(values), MOST_ROWS):
            piece = values[first : first + MOST_ROWS]
            wide = {held: np.repeat(column, len(piece)) for held, column in some.items()}
            wide[name] = np.tile(piece, here)
            kept = keep(wide, frozenset(wide))
            if kept is not None:
                wide = {held: column[kept] for held, column in wide.items()}
            if len(wide[name]):
                yield from _expand(wide, rest, keep)


def _ends(variable: Variable, outer: int) -> tuple[int, int]:
    low = -outer if variable.low is None else max(int(variable.low), -outer)
    high = outer if variable.high is None else min(int(variable.high), outer)
    return low, high


def _least_extent(variable: Variable) -> int:
    low, high = variable.low, variable.high
    if variable.sort == "real":
        return 0
    if low is not None and low > 0:
        return int(low)
    return -int(high) if high is not None and high < 0 else 0


def _most_extent(variable: Variable) -> int | None:
    if variable.sort == "real" or variable.low is None or variable.high is None:
        return None
    return max(abs(int(variable.low)), abs(int(variable.high)))
