"""The documented form of training data: one `Example` a line of UTF-8 JSON, keys in this order.

    {"messages": [{"role": "user", "content": "…"}], "completion": "…", "meta": {"gold": "66"}}

`messages` holds at least one turn and ends with the user's; `completion` is what the model should
write, without the stop token; `meta` is free (`lemmata.data.formats` lists the keys that
have a meaning).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from lemmata.data.encoding import unusable
from lemmata.data.row import BROKEN, EMPTY, RowRefused
from lemmata.errors import BadData
from lemmata.types import Example, Message, Speaker, as_json

_SPEAKERS = get_args(Speaker)


def to_line(example: Example) -> str:
    """The JSON line of an example, with its end."""
    return json.dumps(as_json(example), ensure_ascii=False, separators=(",", ":")) + "\n"


def load(path: Path) -> Iterator[Example]:
    """The examples of a prepared file. Raises BadData with the line where one is broken."""
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _example(line)
            except (ValueError, RecursionError, RowRefused) as error:
                raise BadData(f"{path}:{number}: {error}", "Run `lemmata data prepare`.") from error


def _example(line: str) -> Example:
    """Raises RowRefused, ValueError."""
    fields = json.loads(line)
    example = from_fields(fields if isinstance(fields, dict) else {})
    texts = (line, example.completion, *(turn.content for turn in example.messages))
    if fault := next(filter(None, map(unusable, texts)), ""):
        raise RowRefused(BROKEN, fault)
    return example


def from_fields(fields: Mapping[str, Any]) -> Example:
    """An example from its JSON object. Raises RowRefused."""
    completion, meta = fields.get("completion"), fields.get("meta") or {}
    turns = fields.get("messages")
    if not isinstance(completion, str) or not isinstance(meta, dict) or not isinstance(turns, list):
        raise RowRefused(BROKEN, "it lacks 'messages', 'completion' or a 'meta' object")
    messages = tuple(message(turn) for turn in turns)
    if not messages or messages[-1].role != "user":
        raise RowRefused(BROKEN, "'messages' does not end with the user's turn")
    return Example(messages, completion, dict(meta))


def message(turn: Any) -> Message:
    """A message from its JSON object. Raises RowRefused."""
    if not isinstance(turn, dict) or not isinstance(turn.get("content"), str):
        raise RowRefused(BROKEN, "a message without text content")
    if turn.get("role") not in _SPEAKERS:
        raise RowRefused(BROKEN, f"a message of role {turn.get('role')!r}")
    if not turn["content"].strip():
        raise RowRefused(EMPTY, f"an empty {turn['role']} message")
    return Message(turn["role"], turn["content"])


def problem(example: Example) -> str:
    """What the user said, all turns: what duplicates and test sets are compared on."""
    return "\n".join(turn.content for turn in example.messages if turn.role == "user")
