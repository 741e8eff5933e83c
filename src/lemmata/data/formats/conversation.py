"""Conversations: OpenAI's `messages` (role, content) and ShareGPT's `conversations` (from, value).

Every assistant turn becomes an example of its own, the turns before it being its messages, so each
is learnt; all examples of one conversation form a group. What a turn holds as its reasoning is
learnt before its text, as a model writes it, and is no part of the turns before a later answer,
since nobody sends it back to a server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.data.examples import message
from lemmata.data.formats import fields as read
from lemmata.data.row import BROKEN, EMPTY, RowRefused
from lemmata.types import Example, Message

NAME = "messages or ShareGPT conversations"
_COLUMNS = ("messages", "conversations", "conversation")
_REASONING = ("reasoning_content", "reasoning", "thinking")
_SPEAKERS = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant"}


def fits(fields: Mapping[str, Any]) -> bool:
    turns = _turns(fields)
    return bool(turns) and isinstance(turns, list) and isinstance(turns[0], dict)


def convert(fields: Mapping[str, Any]) -> list[Example]:
    turns = _turns(fields)
    messages = parse(turns)
    written = [completed(turn, message) for turn, message in zip(turns, messages, strict=True)]
    system = read.optional(fields, "system")
    if system and messages[0].role != "system":
        messages, written = (Message("system", system), *messages), ["", *written]
    _refuse_disorder(messages)
    replies = [at for at, turn in enumerate(messages) if turn.role == "assistant"]
    meta = read.known(fields, "answer")
    gold = meta.pop("gold", None)
    examples = [Example(messages[:at], written[at], dict(meta)) for at in replies]
    if gold:  # a gold answer belongs to the end of the conversation
        examples[-1].meta["gold"] = gold
    return examples


def _turns(fields: Mapping[str, Any]) -> Any:
    return next((fields[name] for name in _COLUMNS if fields.get(name)), None)


def parse(turns: Any) -> tuple[Message, ...]:
    """Messages of either spelling. Raises RowRefused."""
    if not isinstance(turns, Sequence) or isinstance(turns, str) or not turns:
        raise RowRefused(EMPTY, "a conversation without turns")
    return tuple(_message(turn) for turn in turns)


def completed(turn: Mapping[str, Any], message: Message) -> str:
    """What the model should write for an assistant turn: its reasoning, then its text."""
    thought = next((read.optional(turn, name) for name in _REASONING if turn.get(name)), "")
    return f"<think>\n{thought}\n</think>\n\n{message.content}" if thought else message.content


def _message(turn: Any) -> Message:
    if not isinstance(turn, dict):
        raise RowRefused(BROKEN, f"a turn of type {type(turn).__name__}")
    if turn.get("tool_calls") or turn.get("function_call"):
        raise RowRefused(BROKEN, "tool calls are not supported")
    speaker = turn.get("role", turn.get("from"))
    content = _text(turn.get("content", turn.get("value")))
    role = _SPEAKERS.get(speaker, speaker) if isinstance(speaker, str) else speaker
    return message({"role": role, "content": content})


def _text(content: Any) -> Any:
    """Text, also where it comes as a list of text parts; what is no text is left to be refused."""
    if isinstance(content, str):
        return read.tidy(content)
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("text"), str) for part in content
    ):
        return read.tidy("".join(part["text"] for part in content))
    return content


def _refuse_disorder(messages: tuple[Message, ...]) -> None:
    """System first if at all, then user and assistant in turn, the assistant last."""
    spoken = messages[1:] if messages[0].role == "system" else messages
    expected = ("user", "assistant")
    for at, turn in enumerate(spoken):
        if turn.role != expected[at % 2]:
            raise RowRefused(BROKEN, f"turn {at + 1} is the {turn.role}'s, out of order")
    if not spoken or spoken[-1].role != "assistant":
        raise RowRefused(BROKEN, "the conversation does not end with the assistant's turn")
