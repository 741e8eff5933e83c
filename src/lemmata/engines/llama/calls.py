"""Decode calls, timed: on as many threads as are fastest, and how fast prompts are read."""

from __future__ import annotations

import time
from contextlib import nullcontext

from lemmata.engines.llama.library import Context
from lemmata.engines.llama.protocol import AdapterKey
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.tuner import Tuner, thread_counts

SMALLEST_PIECE = 16
"""Tokens of a prompt that are worth a call."""
_FIRST_RATE = 200.0

Row = tuple[int, int, int, bool]
"""Token, position, sequence, and whether its logits are wanted."""


class Cores:
    """The threads that decode calls may use, counted over all contexts that have something to do,
    and how many of them are fastest."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._used: dict[object, int] = {}
        self._tuners: dict[tuple[int, int], Tuner] = {}

    def free(self, who: object) -> int:
        """Threads that the others leave to `who`; one at least."""
        others = sum(count for other, count in list(self._used.items()) if other is not who)
        return max(1, self.threads - others)

    def use(self, who: object, threads: int) -> None:
        """From now on, until it has nothing to do: between two calls nobody else takes them."""
        self._used[who] = threads

    def rest(self, who: object) -> None:
        """It has nothing to do."""
        self._used.pop(who, None)

    def tuner(self, rows: int, free: int) -> Tuner:
        """How many of `free` threads are fastest for calls of about so many rows."""
        return self._tuners.setdefault((rows.bit_length(), free), Tuner(thread_counts(free)))


class Calls:
    """`rate`: tokens a second of a prompt, lately."""

    def __init__(self, context: Context, residents: Residents, cores: Cores) -> None:
        self._context, self._residents, self._cores = context, residents, cores
        self._in_force: str | None = None
        self._replan = False
        self.rate = _FIRST_RATE

    def run(self, key: AdapterKey, rows: list[Row]) -> float:
        """One call on the adapter; the seconds that it took."""
        if not rows:
            return 0.0
        self._use(key)
        changed, self._replan = self._replan, False
        tuner = self._cores.tuner(len(rows), self._cores.free(self))
        threads = tuner.pick()
        self._context.use_threads(threads)
        self._cores.use(self, threads)
        with self._residents.roll.looking() if changed else nullcontext():
            seconds = self._timed(rows)
        if not changed:  # a change of adapters is no fault of the threads
            tuner.note(threads, seconds / len(rows))
        if len(rows) >= 2 * SMALLEST_PIECE:
            self.rate += 0.2 * (len(rows) / seconds - self.rate)
        return seconds

    def _use(self, key: AdapterKey) -> None:
        """Put the adapter in force; what is in force stays in memory."""
        self._replan |= self._context.use(self._residents.get(key.sha256), key.strength)
        if key.sha256 != self._in_force:
            self._residents.hold(key.sha256)
            self._residents.unpin(self._in_force)
            self._in_force = key.sha256

    def rest(self) -> None:
        """There is nothing to decode for now; others may have the threads."""
        self._cores.rest(self)

    def release(self, only: str | None = None) -> None:
        """Have no adapter in force, so that it may leave the memory; `only`: if it is this one."""
        if only not in {None, self._in_force}:
            return
        self._replan |= self._context.use(None, 1.0)
        self._residents.unpin(self._in_force)
        self._in_force = None

    def _timed(self, rows: list[Row]) -> float:
        started = time.monotonic()
        decoded = self._context.decode(rows)
        assert decoded, "the count of free cells is exact"
        return time.monotonic() - started
