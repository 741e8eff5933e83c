"""Whether few requests that write are decoded in one call, or each in a call of its own.

A call of two to eight rows can cost more than as many calls of one: libllama has a way for one row
and another for many, and between them neither is good (Q8_0 on two cores: 137 tokens a second by
single rows, 72 by pairs). On a GPU, or where reading the weights is what takes time, sharing a call
always wins. So it is measured, for each number of requests (tuner.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from lemmata.engines.llama.tuner import Tuner

MOST = 8
"""Requests for which calls of their own are tried."""

T = TypeVar("T")


class Widths:
    """One choice for each number of requests: rows a call."""

    def __init__(self) -> None:
        self._tuners: dict[int, Tuner] = {}

    def parts(self, lanes: Sequence[T]) -> list[Sequence[T]]:
        """The requests, each with one row, by calls."""
        if not 2 <= len(lanes) <= MOST:
            return [lanes]
        width = self._tuner(len(lanes)).pick()
        return [lanes[at : at + width] for at in range(0, len(lanes), width)]

    def note(self, parts: Sequence[Sequence[T]], seconds: float) -> None:
        """What the calls took together."""
        lanes = sum(map(len, parts))
        if 2 <= lanes <= MOST:
            self._tuner(lanes).note(len(parts[0]), seconds)

    def _tuner(self, lanes: int) -> Tuner:
        return self._tuners.setdefault(lanes, Tuner([1, lanes]))
