"""Prompt and completion (or response): texts, or lists of messages as TRL has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.data.formats import conversation
from lemmata.data.formats import fields as read
from lemmata.data.row import BROKEN, RowRefused
from lemmata.types import Example, Message

NAME = "prompt, completion"
_COMPLETIONS = ("completion", "response")


def fits(fields: Mapping[str, Any]) -> bool:
    return "prompt" in fields and any(name in fields for name in _COMPLETIONS)


def convert(fields: Mapping[str, Any]) -> list[Example]:
    name = next((name for name in _COMPLETIONS if name in fields), "completion")
    messages = _messages(fields)
    if messages[-1].role != "user":
        raise RowRefused(BROKEN, "'prompt' does not end with the user's turn")
    return [Example(messages, _completion(fields, name), read.known(fields, "answer"))]


def _messages(fields: Mapping[str, Any]) -> tuple[Message, ...]:
    if isinstance(fields["prompt"], list):
        return conversation.parse(fields["prompt"])
    return (Message("user", read.text(fields, "prompt")),)


def _completion(fields: Mapping[str, Any], name: str) -> str:
    if not isinstance(fields[name], list):
        return read.text(fields, name)
    turns = conversation.parse(fields[name])
    if len(turns) != 1 or turns[0].role != "assistant":
        raise RowRefused(BROKEN, f"{name!r} is not one assistant turn")
    return conversation.completed(fields[name][0], turns[0])
