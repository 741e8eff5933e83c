"""Paths of n -> n/2 or 3n + 1 over vectors."""

from __future__ import annotations

import numpy as np

from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vectors import FITS, Array, marked


class Collatz:
    """`verified`: every number up to it is known to reach 1."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.verified = 1

    def reaches_one(self, n: Array) -> tuple[Array, Array | None]:
        """Whether the path reaches 1; a path is followed until it falls below what is verified."""
        flat = np.atleast_1d(n)
        low, high = int(flat.min(initial=1)), int(flat.max(initial=1))
        floor = self.verified if low <= self.verified + 1 else 1
        unfinished = self._above(flat, floor)
        dense = flat.size == high - low + 1 and bool((flat[1:] > flat[:-1]).all())
        if dense and low <= self.verified + 1 and not unfinished.any():
            self.verified = max(self.verified, high)
        return np.ones(n.shape, dtype=bool), marked(unfinished.reshape(n.shape))

    def _above(self, n: Array, floor: int) -> Array:
        """Which paths do not come down to `floor` within int64 and 100,000 steps."""
        unfinished = n < 1
        rows = np.flatnonzero(n > floor)
        now = n[rows]
        for turn in range(100_000):
            if turn % 32 == 0:
                self._clock.check()
            if not rows.size:
                return unfinished
            if int(now.max()) > (FITS - 1) // 3:
                large = now > (FITS - 1) // 3
                unfinished[rows[large]] = True
                rows, now = rows[~large], now[~large]
            # Two steps for an odd number, for after 3n + 1 comes a half.
            now = np.where(now & 1, (3 * now + 1) >> 1, now >> 1)
            going = now > floor
            rows, now = rows[going], now[going]
        unfinished[rows] = True
        return unfinished

    def _paths(self, n: Array, floor: int) -> tuple[Array, Array, Array]:
        """(unfinished, steps, most) of the paths down to `floor` or lower."""
        steps, most, unfinished = np.zeros_like(n), n.copy(), n < 1
        rows = np.flatnonzero((n > floor) & ~unfinished)
        now = n[rows]
        for turn in range(1, 100_001):
            if not rows.size:
                break
            if turn % 32 == 0:
                self._clock.check()
            odd = (now & 1).astype(bool)
            large = odd & (now > (FITS - 1) // 3)
            if large.any():
                unfinished[rows[large]] = True
                rows, now, odd = rows[~large], now[~large], odd[~large]
            now = np.where(odd, 3 * now + 1, now >> 1)
            most[rows] = np.maximum(most[rows], now)
            steps[rows] = turn
            going = now > floor
            if not going.all():
                rows, now = rows[going], now[going]
        unfinished[rows] = True
        return unfinished, steps, most

    def steps(self, n: Array) -> tuple[Array, Array | None]:
        unfinished, steps, _ = self._paths(np.atleast_1d(n), 1)
        return steps.reshape(n.shape), marked(unfinished.reshape(n.shape))

    def most(self, n: Array) -> tuple[Array, Array | None]:
        unfinished, _, most = self._paths(np.atleast_1d(n), 1)
        return most.reshape(n.shape), marked(unfinished.reshape(n.shape))
