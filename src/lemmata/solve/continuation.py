"""Taking a text up again: closing thoughts that do not end, asking for the answer, going on from
before a wrong step, resuming after a restart. One mechanism: the prompt with the text behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lemmata.engines.base import Request
from lemmata.engines.thinking import CLOSE, CLOSING
from lemmata.errors import BadInput, ContextOverflow
from lemmata.prompts.language import Language
from lemmata.solve.flight import Writer
from lemmata.types import Message

ANSWER_TOKENS = 64
"""What a demanded answer may take."""
CODE_TOKENS = 1024
"""What a demanded program may take."""
_FENCE = "```"
_GO_ON = {
    "en": "Go on exactly where you stopped, without repeating anything.",
    "zh": "请从中断处继续写，不要重复。",
}


def closed(text: str, thinking: bool) -> str:
    """The text with its thoughts closed, where they are open."""
    return text + CLOSING if thinking else text


@dataclass(frozen=True, slots=True)
class Demand:
    """How a text that must end now is asked for its answer: `words` by language, the `opening` in
    which the answer belongs, and the `tokens` that it may take."""

    words: Mapping[Language, str]
    opening: str
    tokens: int

    def after(self, text: str, thinking: bool, language: Language) -> str:
        """The text, closed, up to where the answer belongs. A block of code that was cut is closed
        too: its fence would swallow the next one."""
        text = closed(text, thinking).rstrip()
        if self.opening.startswith(_FENCE) and text.rpartition(CLOSE)[2].count(_FENCE) % 2:
            text += f"\n{_FENCE}"
        return text + self.words[language] + self.opening

    def met(self, text: str, start: int) -> bool:
        """Whether the answer that begins at `start` has ended."""
        from lemmata.verify import answer

        if self.opening.startswith(_FENCE):
            return _FENCE in text[start + len(self.opening) :]
        return answer.boxed(text, start) is not None


BOXED = Demand(
    {"en": "\n\nThe final answer is ", "zh": "\n\n最终答案是 "}, "\\boxed{", ANSWER_TOKENS
)


def fenced(language: str) -> Demand:
    """For an answer that is a program in that language."""
    words: Mapping[Language, str] = {"en": "\n\nThe code:\n", "zh": "\n\n代码：\n"}
    return Demand(words, f"{_FENCE}{language}\n", CODE_TOKENS)


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


def fitting(
    engine: Writer,
    messages: tuple[Message, ...],
    request: Request,
    tail: str,
    overflow: ContextOverflow,
) -> tuple[int, ...]:
    """The prompt without so much of the text before `tail` that an answer fits too. Blocking.

    Raises ContextOverflow where that would cut the problem itself.
    """
    ids = tuple(token for token in request.prompt if isinstance(token, int))
    end = engine.tokenize(tail)
    room = (
        overflow.context - len(end) - min(request.sampling.max_tokens or 1, overflow.context // 4)
    )
    if room < len(engine.prompt_ids(messages)):
        raise overflow
    return (*ids[: min(room, len(ids) - len(end))], *end)
