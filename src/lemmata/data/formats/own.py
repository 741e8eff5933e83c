"""The one form that everything is converted to, so that prepared files can be read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.data.examples import from_fields
from lemmata.data.row import EMPTY, RowRefused
from lemmata.types import Example

NAME = "messages with completion"


def fits(fields: Mapping[str, Any]) -> bool:
    return isinstance(fields.get("messages"), list) and isinstance(fields.get("completion"), str)


def convert(fields: Mapping[str, Any]) -> list[Example]:
    example = from_fields(fields)
    if not example.completion.strip():
        raise RowRefused(EMPTY, "'completion' has no text")
    return [example]
