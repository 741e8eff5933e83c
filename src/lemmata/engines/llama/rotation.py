"""Whose turn it is: one decode call serves one adapter, so adapters take turns.

A turn is a slice of steps, the same for every adapter, so each waiting request moves on by the
same number of tokens a round. While a request of another adapter waits for its first token, a turn
is short, and every second one is that request's: first tokens come soon, and nobody starves.
"""

from __future__ import annotations

from collections.abc import Collection

from lemmata.engines.llama.protocol import AdapterKey

SHORTEST_SLICE = 2


class Rotation:
    def __init__(self, slice_steps: int) -> None:
        self._slice = slice_steps
        self._order: dict[AdapterKey, None] = {}
        self._current: AdapterKey | None = None
        self._steps = 0
        self._jumped = False

    def pick(self, ready: Collection[AdapterKey], urgent: Collection[AdapterKey]) -> AdapterKey:
        """The adapter of the next step, out of `ready` (not empty). `urgent`, a part of it, have a
        request without a first token."""
        for key in ready:
            self._order.setdefault(key)
        for key in [key for key in self._order if key not in ready]:
            del self._order[key]
        self._steps += 1
        if self._stays(ready, urgent):
            assert self._current is not None
            return self._current
        return self._turn_to(self._next(urgent), urgent)

    def _stays(self, ready: Collection[AdapterKey], urgent: Collection[AdapterKey]) -> bool:
        if self._current not in ready:
            return False
        if len(ready) == 1:
            return True
        waited_for = urgent and self._current not in urgent
        return self._steps < (SHORTEST_SLICE if waited_for else self._slice)

    def _next(self, urgent: Collection[AdapterKey]) -> AdapterKey:
        others = [key for key in self._order if key != self._current] or list(self._order)
        if not self._jumped:
            return next((key for key in others if key in urgent), others[0])
        return others[0]

    def _turn_to(self, key: AdapterKey, urgent: Collection[AdapterKey]) -> AdapterKey:
        first = next(iter(self._order))
        self._jumped = key in urgent and key != first
        self._order[key] = self._order.pop(key)
        self._current, self._steps = key, 0
        return key
