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
    turns: list[Message] = []
    for pair in pairs or []:
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(t, str) for t in pair)
        ):
            raise RowRefused(BROKEN, "'history' is not a list of pairs of texts")
        turns += [Message("user", read.tidy(pair[0])), Message("assistant", read.tidy(pair[1]))]
    return tuple(turns)
