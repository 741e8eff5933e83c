"""Sums, products, least and greatest values, gathered row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from lemmata.apps.conjecture.kernels import vectors as v
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Reals, Value


class Total:
    """Sum, product, count, least or greatest, gathered row by row with its error."""

    def __init__(self, kind: str, rows: int) -> None:
        self._gather: Any = {
            "sum": np.add, "count": np.add, "product": np.multiply,
            "min": np.minimum, "max": np.maximum,
        }[kind]  # fmt: skip
        self._kind = kind
        self._rows = rows
        self._total: Value | None = None
        self._begun = np.zeros(rows, dtype=bool)
        self._bad = np.zeros(rows, dtype=bool)

    def take(self, here: Array, terms: Value) -> None:
        """Add one term to each of the rows `here`."""
        old = self._held(terms)
        if isinstance(old, Ints) and isinstance(terms, Ints):
            first = ~self._begun[here]
            joined = self._gather(old.values[here], terms.values)
            old.values[here] = np.where(first, terms.values, joined)
        else:
            self._take_reals(here, v.real(terms))
        if terms.bad is not None:  # type: ignore[union-attr]
            self._bad[here] |= terms.bad  # type: ignore[union-attr]
        self._begun[here] = True

    def _take_reals(self, here: Array, terms: Reals) -> None:
        old = self._total
        assert isinstance(old, Reals)
        held = Reals(old.low[here], old.high[here])
        if self._kind == "product":
            joined = v.multiply(held, terms)
        elif self._kind == "sum":
            joined = v.add(held, terms)
        else:
            joined = Reals(self._gather(held.low, terms.low), self._gather(held.high, terms.high))
        first = ~self._begun[here]
        old.low[here] = np.where(first, terms.low, joined.low)
        old.high[here] = np.where(first, terms.high, joined.high)

    def take_all(self, row: int, terms: Value) -> None:
        """Add all terms to one row."""
        if isinstance(terms, Ints):
            bad = None if terms.bad is None else np.array([terms.bad.any()])
            self.take(np.array([row]), Ints(np.array([self._gather.reduce(terms.values)]), bad))
            return
        reals = v.real(terms)
        for low, high in zip(reals.low, reals.high, strict=True):
            self.take(np.array([row]), Reals(np.array([low]), np.array([high])))
        if reals.bad is not None:
            self._bad[row] |= bool(reals.bad.any())

    def _held(self, terms: Value) -> Value:
        if self._total is None:
            empty = 1 if self._kind == "product" else 0
            if isinstance(terms, Ints):
                self._total = Ints(np.full(self._rows, empty, dtype=np.int64))
            else:
                ends = np.full(self._rows, float(empty))
                self._total = Reals(ends, ends.copy())
        return self._total

    def value(self, empty: Array) -> Value:
        """The totals; the least or greatest of nothing is undefined."""
        total = self._total
        if total is None:
            total = Ints(np.full(self._rows, 1 if self._kind == "product" else 0, dtype=np.int64))
        if self._kind in {"min", "max"}:
            self._bad |= empty
        return with_bad(total, v.marked(self._bad))


def with_bad(value: Value, bad: Array | None) -> Value:
    """The value, with these rows marked too."""
    if bad is None:
        return value
    match value:
        case Ints(values, held):
            return Ints(values, v.either(held, bad))
        case Reals(low, high, held):
            return Reals(low, high, v.either(held, bad))
    raise TypeError("a total is no truth")
