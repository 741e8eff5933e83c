"""How many primes there are up to a point, which the search counts once and remembers."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np

from lemmata.apps.conjecture.kernels import sieve
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.segments import SEGMENT
from lemmata.apps.conjecture.kernels.vectors import Array, marked

_KEPT = 8
"""Blocks of counts that are kept, 32 MiB each."""


class PrimeCounts:
    """`counts` are the checkpoints: the primes up to a multiple of 2^22."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._blocks: OrderedDict[int, Array] = OrderedDict()
        self.counts: dict[int, int] = {0: 0}

    def _flags(self, low: int, high: int) -> Array:
        return sieve.prime_flags(low, high, self._clock.check)

    def up_to(self, n: Array) -> tuple[Array, None]:
        """π(n), from checkpoints every 2^22 numbers."""
        top = max(int(n.max(initial=0)), 0)
        for at in range(max(self.counts), top, SEGMENT):
            self._clock.check()
            flags = self._flags(at + 1, at + SEGMENT)
            self.counts[at + SEGMENT] = self.counts[at] + int(flags.sum())
        flat = np.atleast_1d(n)
        found = np.zeros(flat.shape, dtype=np.int64)
        for block in np.unique(np.maximum(flat, 0) // SEGMENT).tolist():
            here = (flat >= block * SEGMENT) & (flat < (block + 1) * SEGMENT)
            found[here] = self._in_block(block)[flat[here] - block * SEGMENT]
        return found.reshape(n.shape), None

    def _in_block(self, block: int) -> Array:
        """π of each number of the block of 2^22 numbers."""
        kept = self._blocks.get(block)
        if kept is None:
            at = block * SEGMENT
            base = self.counts.get(at)
            if base is None:  # below the point from which the search was resumed
                base = self._below(at)
            flags = self._flags(at, at + SEGMENT - 1)
            kept = base + np.cumsum(flags) - (1 if at and flags[0] else 0)
            self._blocks[block] = kept
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return kept

    def _below(self, at: int) -> int:
        total = 0
        for start in range(0, at, SEGMENT):
            self._clock.check()
            total += int(self._flags(start + 1, start + SEGMENT).sum())
        self.counts[at] = total
        return total


def nth(n: Array) -> tuple[Array, Array | None]:
    """The n-th primes; beyond the five millionth they are not known here."""
    outside = (n < 1) | (n > 5_000_000)
    safe = np.where(outside, 1, n)
    top = max(int(safe.max(initial=1)), 6)
    above = int(top * (math.log(top) + math.log(math.log(top)))) + 1
    return sieve.primes_to(1 << above.bit_length())[safe - 1], marked(np.asarray(outside))
