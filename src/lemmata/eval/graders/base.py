"""What every grader gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from lemmata.eval.item import Item
from lemmata.prompts.language import detect
from lemmata.solve.think import CLOSE, OPEN, split

State = Literal["correct", "incorrect", "undecided"]


@dataclass(frozen=True, slots=True)
class Grade:
    """What came of one attempt. Only `correct` counts as right."""

    state: State
    reason: str = ""
    answer: str | None = None
    checked: int = 0
    """Steps of the derivation that could be checked."""
    wrong: int = 0
    """Of those, the ones that fail."""
    first_wrong: str = ""
    loops: bool = False
    """The text ends by repeating itself."""
    same_language: bool = True
    """It is written in the language of the question."""


class Grader(Protocol):
    """`finished`: the text was not cut at a limit."""

    def grade(self, item: Item, text: str, finished: bool) -> Grade: ...

    def fault_of_gold(self, item: Item) -> str:
        """Why the item's own gold answer does not pass, "" where it does."""
        ...

    def same(self, item: Item, answer: str, other: str) -> bool | None:
        """Whether two answers vote for the same thing; None: such answers cannot vote."""
        ...


def as_row(grade: Grade) -> dict[str, Any]:
    return asdict(grade)


def from_row(row: Mapping[str, Any]) -> Grade:
    return Grade(**row)


def derivation_of(text: str) -> str:
    """What follows the thinking; the thinking itself where nothing does. A closing tag alone means
    that the model's template opened the thinking."""
    opened, closed = text.find(OPEN), text.find(CLOSE)
    parts = split(text, inside=closed >= 0 and not 0 <= opened < closed)
    return parts.answer.strip() or parts.reasoning


def in_language(item: Item, derivation: str) -> bool:
    """Whether prose is in the question's language; a text of formulas alone is in any."""
    has_han = any("\u4e00" <= char <= "\u9fff" for char in derivation)
    has_words = sum(char.isascii() and char.isalpha() for char in derivation) > 20
    if not has_han and not has_words:
        return True
    return detect(derivation) == item.language


_TAIL = 1600
_LONGEST_PERIOD = 400
_SHORTEST_LOOP = 240


def loops(text: str) -> bool:
    """Whether a text ends with one passage at least three times over, and over at least 240
    characters: engines tell of loops that they stopped, and this sees the others."""
    tail = text.rstrip()[-_TAIL:]
    for period in range(1, _LONGEST_PERIOD + 1):
        size = max(_SHORTEST_LOOP, 3 * period)
        if len(tail) < size:
            return False
        end = tail[-size:]
        if end[period:] == end[:-period]:
            return True
    return False
