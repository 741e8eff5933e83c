"""Prompt lookup: guess that the text goes on as it did after the same three tokens before.

The guessed tokens are decoded together with the last one, and each is kept only if the request's
own sampler chooses it, with the random numbers it would have drawn without the guess. So a guess
changes the time an answer takes and nothing else. Whether it saves time depends on how much dearer
a decode call of several rows is here than one of one row, and on how often guesses are right: both
are measured together, as seconds a token (tuner.py). After Saxena, github.com/apoorvumang/
prompt-lookup-decoding.
"""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.engines.llama.tuner import Tuner

GRAM = 3
"""Tokens that must agree before a guess."""
LENGTHS = (0, 3, 7)
"""Guessed tokens, of which the fastest is found out."""


class Lookup:
    """Where each run of three tokens of one text was seen last."""

    def __init__(self) -> None:
        self._after: dict[tuple[int, ...], int] = {}
        self._read = GRAM

    def guess(self, tokens: Sequence[int], most: int) -> list[int]:
        """At most `most` tokens that may follow; none where the last three are new."""
        for end in range(self._read, len(tokens)):
            self._after[tuple(tokens[end - GRAM : end])] = end
        self._read = max(self._read, len(tokens))
        at = self._after.get(tuple(tokens[-GRAM:]))
        return [] if at is None else list(tokens[at : at + most])


class Speculation:
    """How many tokens to guess, by how many requests decode together. `fixed`: always so many."""

    def __init__(self, fixed: int | None) -> None:
        self._fixed = fixed
        self._tuners: dict[int, Tuner] = {}

    @property
    def most(self) -> int:
        """The longest guess there can be; 0: never any."""
        return LENGTHS[-1] if self._fixed is None else self._fixed

    def length(self, lanes: int) -> int:
        """Tokens to guess now for each of so many requests."""
        return self._tuner(lanes).pick() if self._fixed is None else self._fixed

    def note(self, lanes: int, length: int, seconds: float, tokens: int) -> None:
        """What a decode call with guesses of `length` took, and what it brought."""
        if self._fixed is None and tokens:
            self._tuner(lanes).note(length, seconds / tokens)

    def _tuner(self, lanes: int) -> Tuner:
        return self._tuners.setdefault(lanes.bit_length(), Tuner(LENGTHS))
