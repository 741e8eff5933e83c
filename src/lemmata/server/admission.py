"""Who may generate now: sequences at once, a bounded queue before them, fair between keys."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lemmata.errors import Overloaded

SLOTS = 64
"""Sequences handed to the engine at once; above any batch it decodes, so that it never idles."""
WAITING = 256
"""Sequences that may wait for a slot before others are turned away."""


@dataclass
class _Waiter:
    weight: int
    turn: asyncio.Future[None] = field(default_factory=asyncio.Future)


class Admission:
    """Sequences in flight (`active`) and in the queue (`waiting`). One event loop's."""

    def __init__(self, slots: int = SLOTS, waiting: int = WAITING) -> None:
        self._slots = slots
        self._limit = waiting
        self._queues: dict[str, deque[_Waiter]] = {}
        self._mean = 1.0
        self.active = 0
        self.waiting = 0

    @asynccontextmanager
    async def admit(self, key: str, sequences: int) -> AsyncIterator[None]:
        """Hold slots for `sequences` while the block runs, waiting for them in turn.

        Keys take turns, so that one that asks for much only waits longer itself. Raises Overloaded
        where the queue is full.
        """
        weight = min(sequences, self._slots)
        await self._enter(key, weight)
        began = time.monotonic()
        try:
            yield
        finally:
            self._mean += 0.1 * (time.monotonic() - began - self._mean)
            self.active -= weight
            self._dispatch()

    async def _enter(self, key: str, weight: int) -> None:
        if not self._queues and self.active + weight <= self._slots:
            self.active += weight
            return
        if self.waiting + weight > self._limit:
            raise self._overloaded()
        waiter = _Waiter(weight)
        self._queues.setdefault(key, deque()).append(waiter)
        self.waiting += weight
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._leave(key, waiter)
            raise

    def _leave(self, key: str, waiter: _Waiter) -> None:
        """Gone while waiting; or just after its turn came, and then the slots go back."""
        if waiter.turn.done() and not waiter.turn.cancelled():
            self.active -= waiter.weight
        else:
            self._queues[key].remove(waiter)
            if not self._queues[key]:
                del self._queues[key]
            self.waiting -= waiter.weight
        self._dispatch()

    def _dispatch(self) -> None:
        """Give free slots away: the oldest of one key, then of the next."""
        while self._queues:
            key, queue = next(iter(self._queues.items()))
            if self.active + queue[0].weight > self._slots:
                return
            waiter = queue.popleft()
            del self._queues[key]
            if queue:
                self._queues[key] = queue  # to the end of the round
            self.waiting -= waiter.weight
            self.active += waiter.weight
            waiter.turn.set_result(None)

    def _overloaded(self) -> Overloaded:
        """With the time in which this much has been worked off, as far as it has been lately."""
        seconds = math.ceil(self._mean * (self.waiting + self.active) / self._slots)
        return Overloaded(
            f"{self.waiting} sequences are waiting already",
            "Ask again after Retry-After seconds.",
            retry_after=min(max(seconds, 1), 60),
        )
