"""Decode calls, timed: on as many threads as are fastest, and how fast prompts are read."""

from __future__ import annotations

import time

from lemmata.engines.llama.library import Context
from lemmata.engines.llama.protocol import AdapterKey
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.tuner import Tuner, thread_counts

SMALLEST_PIECE = 16
"""Tokens of a prompt that are worth a call."""
_FIRST_RATE = 200.0

Row = tuple[int, int, int, bool]
"""Token, position, sequence, and whether its logits are wanted."""


class Calls:
    """`rate`: tokens a second of a prompt, lately; `since`: when the call that runs now began."""

    def __init__(self, context: Context, residents: Residents, threads: int) -> None:
        self._context, self._residents = context, residents
        self._counts = thread_counts(threads)
        self._tuners: dict[int, Tuner] = {}
        self.rate = _FIRST_RATE
        self.since: float | None = None

    def run(self, key: AdapterKey, rows: list[Row]) -> float:
        """One call on the adapter; the seconds that it took."""
        if not rows:
            return 0.0
        changed = self._context.use(self._residents.get(key.sha256), key.strength)
        tuner = self._tuners.setdefault(len(rows).bit_length(), Tuner(self._counts))
        threads = tuner.pick()
        self._context.use_threads(threads)
        seconds = self._timed(rows)
        if not changed:  # a change of adapters is no fault of the threads
            tuner.note(threads, seconds / len(rows))
        if len(rows) >= 2 * SMALLEST_PIECE:
            self.rate += 0.2 * (len(rows) / seconds - self.rate)
        return seconds

    def _timed(self, rows: list[Row]) -> float:
        self.since = started = time.monotonic()
        decoded = self._context.decode(rows)
        self.since = None
        assert decoded, "the count of free cells is exact"
        return time.monotonic() - started
