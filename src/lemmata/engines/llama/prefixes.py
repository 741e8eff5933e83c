"""Finished sequences, kept for requests that begin alike: least recently used goes first.

A prefix belongs to one adapter at one strength. The key is the adapter's content hash, so another
adapter's cache can never be taken for it, whatever names move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lemmata.engines.llama.memory import Memory
from lemmata.engines.llama.protocol import AdapterKey

Tokens = npt.NDArray[np.int32]


def common(one: Tokens, other: Tokens) -> int:
    """How many tokens both begin with."""
    size = min(len(one), len(other))
    differing = np.flatnonzero(one[:size] != other[:size])
    return int(differing[0]) if len(differing) else size


@dataclass(slots=True)
class Prefix:
    """`sequence` holds the cells of exactly `tokens`."""

    tokens: Tokens
    sequence: int


class Prefixes:
    """The cache. Newest last in each adapter's dictionary order; `_all` keeps the order of use."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._all: dict[int, tuple[AdapterKey, Prefix]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def of(self, key: AdapterKey) -> Iterator[Prefix]:
        return (prefix for owner, prefix in self._all.values() if owner == key)

    def longest(self, key: AdapterKey, tokens: Tokens) -> tuple[Prefix | None, int]:
        """The prefix that shares most with `tokens`, and how much; it counts as used now."""
        found = max(
            ((common(prefix.tokens, tokens), prefix) for prefix in self.of(key)),
            key=lambda pair: pair[0],
            default=(0, None),
        )
        length, best = found
        if best is not None and length:
            self._all[best.sequence] = self._all.pop(best.sequence)
        return best, length

    def keep(self, key: AdapterKey, tokens: Tokens, sequence: int) -> None:
        """Take over a finished sequence; prefixes that it contains are no longer needed."""
        for prefix in list(self.of(key)):
            if common(prefix.tokens, tokens) == len(prefix.tokens):
                self._drop(prefix)
        self._all[sequence] = (key, Prefix(tokens, sequence))

    def evict(self) -> bool:
        """Drop the least recently used. False: the cache is empty."""
        if not self._all:
            return False
        _, oldest = next(iter(self._all.values()))
        self._drop(oldest)
        return True

    def _drop(self, prefix: Prefix) -> None:
        del self._all[prefix.sequence]
        self._memory.close(prefix.sequence)
