"""Conversations as they are told. Apart from the tables, whose library a start does without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Asker = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Said:
    """One turn; `about` is what the page keeps beside it."""

    speaker: Asker
    text: str
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation without its turns, of which `turns` is the number; `parent` is the one it
    branched from; times are UTC."""

    id: str
    title: str
    parent: str | None
    created: datetime
    updated: datetime
    turns: int
