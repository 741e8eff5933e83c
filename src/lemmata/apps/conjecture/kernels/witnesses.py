"""The search for witnesses of one quantifier, in all rows at once and then row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lemmata.apps.conjecture.kernels import vectors as v
from lemmata.apps.conjecture.kernels.rows import Rows, first
from lemmata.apps.conjecture.kernels.vectors import Array, Ints
from lemmata.apps.conjecture.language.syntax import Bind

if TYPE_CHECKING:
    from lemmata.apps.conjecture.kernels.binders import Binders

_FEW = 16
"""Rows that still wait, from which on each is searched alone."""


class WitnessSearch:
    """The state of one quantifier over all rows: which still wait for a witness."""

    def __init__(self, binders: Binders, node: Bind, rows: Rows, low: Array, high: Array) -> None:
        self._binders, self._node, self._rows = binders, node, rows
        self._low, self._high = low, high
        self.sure = np.zeros(len(low), dtype=bool)
        self.maybe = np.zeros(len(low), dtype=bool)
        self.witness = np.full(len(low), -1, dtype=np.int64)
        self._waiting = np.flatnonzero(low <= high)
        self._next: Array | int | None = None

    def step(self, values: Array | int) -> bool:
        """Try one value in every waiting row; False once few wait, or none."""
        self._next = values
        if len(self._waiting) <= _FEW:
            return False
        self._binders.check()
        own = values if isinstance(values, int) else values[self._waiting]
        within = self._high[self._waiting] >= own
        here = self._waiting if within.all() else self._waiting[within]
        if len(here) < len(self._waiting):
            self._waiting = here
            own = own if isinstance(own, int) else own[within]
        inner = {name: v.pick(value, here) for name, value in self._rows.items()}
        inner[self._node.name] = Ints(np.asarray(own, dtype=np.int64))
        found = self._binders.failure(self._node, inner)
        sure = np.broadcast_to(found.sure, here.shape)
        self.maybe[here] |= found.maybe
        hit = here[sure]
        self.sure[hit] = True
        self.witness[hit] = own if isinstance(own, int) else own[sure]
        self._waiting = here[~sure]
        self._next = None
        return True

    def one_row_at_a_time(self) -> None:
        """Finish the rows that still wait, from the value that was to be tried next."""
        if self._next is None:
            return
        for row in self._waiting.tolist():
            start = self._next if isinstance(self._next, int) else int(self._next[row])
            self._alone(row, start)

    def _alone(self, row: int, start: int) -> None:
        one = np.array([row])
        alone = {name: first(v.pick(value, one)) for name, value in self._rows.items()}
        last, size = int(self._high[row]), 1 << 10
        while start <= last:
            self._binders.check()
            ks = np.arange(start, min(start + size, last + 1), dtype=np.int64)
            found = self._binders.failure(self._node, {**alone, self._node.name: Ints(ks)})
            self.maybe[row] |= bool(found.maybe.any())
            hits = np.flatnonzero(np.broadcast_to(found.sure, ks.shape))
            if len(hits):
                self.sure[row], self.witness[row] = True, ks[hits[0]]
                return
            start, size = start + size, min(4 * size, 1 << 20)
