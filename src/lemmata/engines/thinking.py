"""How long a model may think, and when it only repeats itself.

Small reasoners ramble: inside <think> without end, or in a loop. Closing the tag for them turns
what they have into an answer.
"""

from __future__ import annotations

from collections.abc import Sequence

OPEN, CLOSE = "<think>", "</think>"
CLOSING = f"\n{CLOSE}\n\n"
"""What is written for the model: the model's own way of ending its thoughts."""

_LONGEST_PERIOD = 128
_LOOP_TOKENS = 96
"""A loop is one passage at least three times over, and at least so many tokens."""
_CHECK_EVERY = 16


class Thinking:
    """Watches the text for the tags, which may be split over pieces. `inside`: the prompt already
    opened the thinking."""

    def __init__(self, budget: int | None, inside: bool) -> None:
        self._budget, self.inside = budget, inside
        self._tail, self._spent = "", 0

    def feed(self, text: str) -> None:
        """One token's text."""
        self._tail = (self._tail + text)[-64:]
        self._spent += self.inside
        tag = CLOSE if self.inside else OPEN
        if tag in self._tail:
            self.inside = not self.inside
            self._tail = ""

    @property
    def spent(self) -> bool:
        """Whether the budget is used up while the thinking goes on."""
        return self.inside and self._budget is not None and self._spent >= self._budget


def loops(tokens: Sequence[int]) -> bool:
    """Whether the end of the text is one passage of at most 128 tokens over and over."""
    if len(tokens) < _LOOP_TOKENS or len(tokens) % _CHECK_EVERY:
        return False
    tail = list(tokens[-3 * _LONGEST_PERIOD :])
    return any(_repeats(tail, period) for period in range(1, _LONGEST_PERIOD + 1))


def _repeats(tail: list[int], period: int) -> bool:
    size = max(_LOOP_TOKENS, 3 * period)
    if len(tail) < size:
        return False
    end = tail[-size:]
    return end[period:] == end[:-period]
