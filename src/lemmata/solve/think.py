"""Splitting what a reasoning model writes into its thinking and its answer.

Models of this family write `<think>…</think>` before the answer; some templates open the block in
the prompt, so that only the closing tag is seen. Only a block that comes before the answer is
thinking: a tag that the answer itself mentions is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lemmata.errors import BadInput
from lemmata.types import Message

OPEN, CLOSE = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Split:
    """A text in its two parts."""

    reasoning: str
    answer: str


class Splitter:
    """Splits a stream, piece by piece, holding back only what may turn out to be a tag."""

    def __init__(self, inside: bool = False) -> None:
        self._state: Literal["before", "inside", "answer"] = "inside" if inside else "before"
        self._thought = inside
        self._held = ""

    @property
    def thinking(self) -> bool:
        """Whether the next piece would be thinking, as far as is known."""
        return self._state == "inside"

    def feed(self, text: str) -> Split:
        """The parts that `text` adds; both may be empty while a tag may be under way."""
        self._held += text
        reasoning: list[str] = []
        while (step := self._step()) is not None:
            reasoning.append(step)
        answer = ""
        if self._state == "answer":
            answer, self._held = self._held, ""
        return Split("".join(reasoning), answer)

    def finish(self) -> Split:
        """What was held back, once the stream has ended."""
        held, self._held = self._held, ""
        if self._state == "inside":
            return Split(held, "")
        return Split("", held.lstrip() if self._thought else held)

    def _step(self) -> str | None:
        """Take one decision; the thinking it frees, or None when more text is needed."""
        if self._state == "inside":
            return self._inside()
        return self._before() if self._state == "before" else None

    def _inside(self) -> str | None:
        thought, closed, rest = self._held.partition(CLOSE)
        if closed:
            self._state, self._held = "before", rest
            return thought
        keep = _begun(self._held, CLOSE)
        free = self._held[: len(self._held) - keep]
        self._held = self._held[len(free) :]
        return free or None

    def _before(self) -> str | None:
        head = self._held.lstrip()
        for tag in (OPEN, CLOSE):
            if head.startswith(tag):
                self._state = "inside" if tag == OPEN else "before"
                self._thought, self._held = True, head[len(tag) :]
                return ""
        if not head or OPEN.startswith(head) or CLOSE.startswith(head):
            return None
        self._state = "answer"
        self._held = head if self._thought else self._held
        return None


def _begun(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the start of `tag`."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)


def split(text: str, inside: bool = False) -> Split:
    """Split a finished text."""
    splitter = Splitter(inside)
    first, last = splitter.feed(text), splitter.finish()
    return Split(first.reasoning + last.reasoning, first.answer + last.answer)


class Tokenizing(Protocol):
    """What is needed of an `Engine` to look into its template."""

    def tokenize(self, text: str) -> list[int]: ...
    def prompt_ids(self, messages: Sequence[Message]) -> list[int]: ...


def opens_in_prompt(engine: Tokenizing) -> bool:
    """Whether the model's template itself opens the thinking block. Of a server that tells no token
    ids it is taken that it does not: most of them take the thinking out of the text themselves."""
    try:
        prompt = engine.prompt_ids([Message("user", "1+1")])
        tag = engine.tokenize(OPEN)
    except BadInput:
        return False
    tail = prompt[-len(tag) - 2 :]
    return any(tail[i : i + len(tag)] == tag for i in range(len(tail) - len(tag) + 1))
