"""One problem of a benchmark, ready to be asked and to be graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lemmata.prompts.language import Language


@dataclass(frozen=True, slots=True)
class Item:
    """`pair` is shared by the translations of one problem; `group` by problems that are likely to
    succeed or fail together, which the intervals then treat as one."""

    id: str
    pair: str
    group: str
    language: Language
    problem: str
    gold: str
    task: str = "math"
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the grader needs beside the gold answer: tests, an entry point, a family."""


def as_row(item: Item) -> dict[str, Any]:
    """Plain JSON; the inverse of `from_row`."""
    return asdict(item)


def from_row(row: Mapping[str, Any]) -> Item:
    return Item(**row)
