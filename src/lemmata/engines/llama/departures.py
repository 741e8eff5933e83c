"""Finished sequences on their way out of the cells, which must delay nobody.

A few milliseconds copy two thousand tokens, but the system takes a hundred to hand out the memory
for them. So the last piece of an answer is reported first; meanwhile another thread gets the
memory, and between two steps, once it is there, the sequence is copied. Until then it keeps its
cells, and who begins alike shares them.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from lemmata.engines.llama.library import State
from lemmata.engines.llama.memory import Memory
from lemmata.engines.llama.prefixes import Prefixes, Tokens, common
from lemmata.engines.llama.protocol import AdapterKey

_PAGE = 4096


def fresh(size: int) -> State:
    """Memory of so many bytes, all of it handed out by the system already."""
    room = np.empty(size, np.uint8)
    room[::_PAGE] = 0
    return room


@dataclass(frozen=True, slots=True)
class Departure:
    """`sequence` still holds the cells of `tokens`; `room` becomes the memory for them."""

    key: AdapterKey
    tokens: Tokens
    sequence: int
    room: Future[State]


class Departures:
    """Those of one context, in the order in which they finished; they end in `prefixes`."""

    def __init__(self, memory: Memory, prefixes: Prefixes) -> None:
        self._memory, self._prefixes = memory, prefixes
        self._all: list[Departure] = []
        self._helper = ThreadPoolExecutor(1, "fresh-memory")

    def __len__(self) -> int:
        return len(self._all)

    def leave(self, key: AdapterKey, tokens: Tokens, sequence: int) -> None:
        """Take over a finished sequence. What is known already goes at once."""
        size = self._memory.size(sequence)
        if size > self._prefixes.budget or self._known(key, tokens):
            self._memory.close(sequence)
            return
        room = self._helper.submit(fresh, size)
        self._all.append(Departure(key, tokens, sequence, room))

    def _known(self, key: AdapterKey, tokens: Tokens) -> bool:
        _, shared = self.longest(key, tokens)
        return shared == len(tokens) or self._prefixes.covers(key, tokens)

    def longest(self, key: AdapterKey, tokens: Tokens) -> tuple[int | None, int]:
        """The sequence that shares most with `tokens`, and how much."""
        pairs = ((common(one.tokens, tokens), one.sequence) for one in self._all if one.key == key)
        length, sequence = max(pairs, default=(0, None))
        return sequence, length

    def settle(self, hurry: bool = False) -> bool:
        """Copy the first out and give its cells back, if its memory is there or `hurry` says to
        wait for it. Says whether one left."""
        if not self._all or not (hurry or self._all[0].room.done()):
            return False
        one = self._all.pop(0)
        state = self._memory.take_out(one.sequence, one.room.result())
        self._prefixes.keep(one.key, one.tokens, state)
        return True

    def close(self) -> None:
        self._helper.shutdown(cancel_futures=True)
