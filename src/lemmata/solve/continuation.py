"""Taking a text up again: closing thoughts that do not end, asking for the answer, going on from
before a wrong step, resuming after a restart. One mechanism: the prompt with the text behind it."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.engines.thinking import CLOSING
from lemmata.errors import BadInput, ContextOverflow
from lemmata.prompts.language import Language
from lemmata.solve.flight import Writer
from lemmata.types import Message

ANSWER_TOKENS = 64
"""What a demanded answer may take."""
_ANSWER = {"en": "\n\nThe final answer is \\boxed{", "zh": "\n\n最终答案是 \\boxed{"}
_GO_ON = {
    "en": "Go on exactly where you stopped, without repeating anything.",
    "zh": "请从中断处继续写，不要重复。",
}


def closed(text: str, thinking: bool) -> str:
    """The text with its thoughts closed, where they are open."""
    return text + CLOSING if thinking else text


def demanding(text: str, thinking: bool, language: Language) -> str:
    """The text, closed, up to the brace in which the answer belongs."""
    return closed(text, thinking).rstrip() + _ANSWER[language]


def prompt(
    engine: Writer, messages: tuple[Message, ...], text: str, language: Language
) -> tuple[int, ...] | tuple[Message, ...]:
    """What makes a model go on after `text`. Blocking.

    A server that tells no token ids is asked in a further turn of the conversation.
    """
    try:
        return (*engine.prompt_ids(messages), *engine.tokenize(text))
    except BadInput:
        return (*messages, Message("assistant", text), Message("user", _GO_ON[language]))


def fitting(ids: Sequence[int], tail: Sequence[int], overflow: ContextOverflow) -> tuple[int, ...]:
    """`ids` without so much of their end that `tail`, which closes them, and an answer fit."""
    room = overflow.context - len(tail) - ANSWER_TOKENS
    return (*ids[: max(room, 0)], *tail)
