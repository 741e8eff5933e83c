"""Which context a request goes to, where several decode side by side.

Two threads on one decode call wait for each other hundreds of times in it; two contexts with a
thread each never do. So a CPU of several cores gets a second context, made when two requests are
first there at once, and smaller: what grows too long for it is handed on to the first.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lemmata.engines.llama.prefixes import Prefixes, Tokens, common
from lemmata.engines.llama.protocol import AdapterKey, Score, Submit

WORTH_COMPANY = 64
"""Tokens that a request would compute again, away from the one that computes them now."""
_TOKENS_A_STEP = 512
"""Prompt tokens that weigh as much as a request."""


@dataclass(frozen=True, slots=True)
class _Open:
    place: int
    key: AdapterKey
    tokens: Tokens

    @property
    def weight(self) -> float:
        return 1 + len(self.tokens) / _TOKENS_A_STEP


class Dispatch:
    """Contexts are known by number. `longest`: most prompt tokens of a request for each."""

    def __init__(self, longest: Sequence[int], prefixes: Prefixes) -> None:
        self._longest, self._prefixes = longest, prefixes
        self._lock = threading.Lock()
        self._open: dict[int, _Open] = {}

    def place(self, command: Submit | Score) -> int:
        """The context for a request, which is open from now on."""
        with self._lock:
            chosen = self._choose(command)
            tokens = np.array(command.tokens, np.int32)
            self._open[command.id] = _Open(chosen, command.adapter, tokens)
            return chosen

    def where(self, number: int) -> int | None:
        """The context that an open request went to."""
        with self._lock:
            found = self._open.get(number)
            return None if found is None else found.place

    def ended(self, number: int) -> None:
        with self._lock:
            self._open.pop(number, None)

    def _choose(self, command: Submit | Score) -> int:
        fitting = [n for n, most in enumerate(self._longest) if len(command.tokens) <= most]
        if len(fitting) <= 1:
            return 0
        company = self._company(command)
        if company in fitting:
            return company
        return min(fitting, key=lambda place: self._load(place, command.adapter))

    def _load(self, place: int, key: AdapterKey) -> tuple[float, bool, int]:
        """Where least is to be done; of equals, where the adapter is in use."""
        here = [each for each in self._open.values() if each.place == place]
        return sum(each.weight for each in here), all(each.key != key for each in here), place

    def _company(self, command: Submit | Score) -> int | None:
        """Where somebody computes a long beginning that this one needs too."""
        if isinstance(command, Score) or len(command.tokens) < WORTH_COMPANY:
            return None
        tokens = np.array(command.tokens, np.int32)
        beside = [each for each in self._open.values() if each.key == command.adapter]
        shared, place = max(
            ((common(each.tokens, tokens), each.place) for each in beside), default=(0, 0)
        )
        if shared < WORTH_COMPANY:
            return None
        _, kept = self._prefixes.longest(command.adapter, tokens)
        return place if shared - kept >= WORTH_COMPANY else None
