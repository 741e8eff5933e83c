"""What a reader hands on: one raw row with the place it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lemmata.types import Example


@dataclass(frozen=True, slots=True)
class Raw:
    """Row `line` of `source` (a line of a text file, else the row's number, from 1).

    `fault` says why the row cannot be read; `fields` is then empty. `part` is the key under which a
    JSON document holds the row, where there is one ("train", "data").
    """

    source: str
    line: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One example on its way through cleaning, with where it came from."""

    source: str
    line: int
    example: Example

    @property
    def place(self) -> str:
        return f"{self.source}:{self.line}"


class RowRefused(Exception):
    """A row that cannot be kept: `reason` is the kind that is counted, `detail` the evidence."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


BROKEN = "broken"
EMPTY = "empty"
ANSWER_ONLY = "answer only"
WRONG_ANSWER = "wrong answer"
WRONG_STEP = "wrong arithmetic"
CONTAMINATED = "in a test set"
OTHER_SPLIT = "of another split"
EXACT_TWIN = "exact duplicate"
NEAR_TWIN = "near duplicate"
OTHER_LANGUAGE = "other language"
