"""Alpaca: instruction, optional input, output; optional system and history (pairs of turns)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.data.formats import fields as read
from lemmata.data.row import BROKEN, RowRefused
from lemmata.types import Example, Message

NAME = "Alpaca (instruction, input, output)"


def fits(fields: Mapping[str, Any]) -> bool:
    return "instruction" in fields and ("output" in fields or "response" in fields)


def convert(fields: Mapping[str, Any]) -> list[Example]:
    instruction = read.text(fields, "instruction")
    given = read.optional(fields, "input")
    output = read.text(fields, "output" if "output" in fields else "response")
    user = Message("user", f"{instruction}\n\n{given}" if given else instruction)
    system = read.optional(fields, "system")
    opening = (Message("system", system),) if system else ()
    messages = (*opening, *_history(fields.get("history")), user)
    return [Example(messages, output, read.known(fields, "answer"))]


def _history(pairs: Any) -> tuple[Message, ...]:
    if not isinstance(pairs or [], list) or not all(map(_is_pair, pairs or [])):
        raise RowRefused(BROKEN, "'history' is not a list of pairs of texts")
    turns: list[Message] = []
    for asked, told in pairs or []:
        turns += [Message("user", read.tidy(asked)), Message("assistant", read.tidy(told))]
    return tuple(turns)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(t, str) for t in value)
