"""Sieved values of functions, kept a stretch at a time.

A dense stretch is looked up in a segment; where the values lie far apart, they are computed one by
one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vectors import Array

SEGMENT = 1 << 22
_WHOLE = {"prime": 1 << 26}
"""Up to where a function is kept from 1 on; 2^21 for the others."""
HIGHEST = 1 << 40
"""Of what is sieved: its square root is a million."""


class Segments:
    """Those of all functions; 256 MiB at most are kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._segments: OrderedDict[tuple[str, int, int], Array] = OrderedDict()

    def look_up(
        self,
        name: str,
        n: Array,
        within: Array,
        segment: Callable[[int, int], Array],
        one: Callable[[int], Any],
        otherwise: Any,
    ) -> Array:
        """The values of a function at `n`: those `within` its domain from a sieved `segment` where
        they lie close together, else from `one` after another; elsewhere `otherwise`."""
        flat, inside = np.atleast_1d(n), np.atleast_1d(within)
        whole = bool(inside.all())
        wanted = flat if whole else flat[inside]
        kind = np.bool_ if otherwise is False else np.int64
        if wanted.size == 0:
            return np.full(n.shape, otherwise, dtype=kind)
        low, high = int(wanted.min()), int(wanted.max())
        if high - low > 16 * wanted.size + SEGMENT or high > HIGHEST:
            got = self.one_by_one(one, wanted, kind)
        elif _ascending(wanted):
            got = segment(low, high)
        else:
            got = self._stretch(name, low, high, segment)[wanted - low]
        if whole:
            return got.reshape(n.shape)
        found: Array = np.full(flat.shape, otherwise, dtype=kind)
        found[inside] = got
        return found.reshape(n.shape)

    def one_by_one(self, one: Callable[[int], Any], wanted: Array, kind: Any) -> Array:
        """Each distinct value once."""
        distinct, back = np.unique(wanted, return_inverse=True)
        results = []
        for value in distinct.tolist():
            self._clock.check()
            results.append(one(value))
        return np.array(results, dtype=kind)[back]

    def _stretch(
        self, name: str, low: int, high: int, segment: Callable[[int, int], Array]
    ) -> Array:
        """The values at low … high; from a kept segment that covers them where there is one."""
        for (held, start, end), kept in self._segments.items():
            if held == name and start <= low and high <= end:
                self._segments.move_to_end((held, start, end))
                return kept[low - start : high - start + 1]
        whole = _WHOLE.get(name, 1 << 21)
        if high <= whole:
            # Small arguments come again and again: one segment from 1, that doubles as it grows.
            start, end = 1, min(whole, max(2 * high, 1 << 16))
        else:
            # n - p for the next p lies a little lower: room for it.
            start, end = max(1, low - (1 << 16)), high
        made = segment(start, end)
        self._segments[name, start, end] = made
        while sum(each.nbytes for each in self._segments.values()) > 1 << 28:
            self._segments.popitem(last=False)
        return made[low - start : high - start + 1]


def _ascending(n: Array) -> bool:
    """Whether the values are a stretch of integers, long enough for a segment of their own."""
    if n.size <= 1 << 14 or int(n[-1]) - int(n[0]) != n.size - 1:
        return False
    return bool((n[1:] > n[:-1]).all())  # n.size - 1 rises within a span of n.size - 1
