"""Whether a text that comes in pieces goes in circles, for engines that do not look themselves."""

from __future__ import annotations

from lemmata.engines.thinking import loops

_MEMORY = 384
"""Pieces looked at; a multiple of the 16 after which `loops` looks."""


class Circling:
    """The embedded engine looks at tokens; a server elsewhere gives pieces of text, about one a
    token. `pieces` counts those that were not empty."""

    def __init__(self) -> None:
        self._recent: list[int] = []
        self.pieces = 0

    def add(self, piece: str) -> None:
        if piece:
            self._recent = [*self._recent[1 - _MEMORY :], hash(piece)]
            self.pieces += 1

    @property
    def found(self) -> bool:
        """Whether the end is one passage over and over."""
        return self.pieces % 16 == 0 and loops(self._recent)
