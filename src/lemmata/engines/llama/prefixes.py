"""What finished requests computed, kept for requests that begin alike, outside of the cells.

Every decode call looks at all cells that are in use, whosever they are: eight thousand idle ones
make a call of the default model 40 % dearer (bench/occupancy.py). So a finished sequence is copied
out into plain memory (departures.py), some 20 KiB a token, and copied back when it is wanted, which
takes less than a thousandth of computing it. Within a budget of bytes; least recently used goes
first.

A prefix belongs to one adapter at one strength. The key is the adapter's content hash, so another
adapter's cache can never be taken for it, whatever names move.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from lemmata.engines.llama.library import State
from lemmata.engines.llama.protocol import AdapterKey

Tokens = npt.NDArray[np.int32]


def common(one: Tokens, other: Tokens) -> int:
    """How many tokens both begin with."""
    size = min(len(one), len(other))
    differing = np.flatnonzero(one[:size] != other[:size])
    return int(differing[0]) if len(differing) else size


@dataclass(frozen=True, slots=True)
class Prefix:
    """`state` is what libllama computed of exactly `tokens`."""

    number: int
    key: AdapterKey
    tokens: Tokens
    state: State


class Prefixes:
    """The cache, of at most `budget` bytes; the least recently used first. May be used from any
    thread: all contexts of a model share it."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._numbers = count()
        self._all: dict[int, Prefix] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._all)

    def _of(self, key: AdapterKey) -> list[Prefix]:
        return [prefix for prefix in self._all.values() if prefix.key == key]

    def longest(self, key: AdapterKey, tokens: Tokens) -> tuple[Prefix | None, int]:
        """The prefix that shares most with `tokens`, and how much; it counts as used now."""
        with self._lock:
            found = max(
                ((common(prefix.tokens, tokens), prefix) for prefix in self._of(key)),
                key=lambda pair: pair[0],
                default=(0, None),
            )
            length, best = found
            if best is not None and length:
                self._all[best.number] = self._all.pop(best.number)
            return best, length

    def covers(self, key: AdapterKey, tokens: Tokens) -> bool:
        """Whether all of `tokens` is the beginning of something kept."""
        with self._lock:
            return any(common(prefix.tokens, tokens) == len(tokens) for prefix in self._of(key))

    def keep(self, key: AdapterKey, tokens: Tokens, state: State) -> None:
        """What it contains is no longer needed."""
        with self._lock:
            for prefix in self._of(key):
                if common(prefix.tokens, tokens) == len(prefix.tokens):
                    self._drop(prefix)
            if len(state) > self.budget:
                return
            while self.bytes + len(state) > self.budget:
                self._drop(next(iter(self._all.values())))
            self.bytes += len(state)
            number = next(self._numbers)
            self._all[number] = Prefix(number, key, tokens, state)

    def _drop(self, prefix: Prefix) -> None:
        del self._all[prefix.number]
        self.bytes -= len(prefix.state)
