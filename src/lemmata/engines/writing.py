"""One answer as it grows, token by token: what engines that choose the tokens themselves share.

Stop strings, thinking budget, loops, deadline and the limit of tokens are decided here, as the
embedded engine's lanes decide them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from lemmata.engines.base import Delta, EndedBy, Request, TokenLogprob
from lemmata.engines.text import TokenText
from lemmata.engines.thinking import CLOSING, OPEN, Thinking, loops
from lemmata.types import FinishReason


@dataclass(frozen=True, slots=True)
class Tokens:
    """A vocabulary as an answer needs it: `piece` gives a token's bytes (b"" for control tokens),
    `ends` are the tokens that end an answer."""

    piece: Callable[[int], bytes]
    tokenize: Callable[[str], list[int]]
    ends: Collection[int]

    def ends_in_thought(self, tokens: Sequence[int]) -> bool:
        """Whether a prompt leaves <think> open for the model."""
        return b"".join(map(self.piece, tokens[-8:])).rstrip().endswith(OPEN.encode())


class Writing:
    """`tokens` are those written so far, by the model or for it; at most `limit` of them."""

    def __init__(
        self, request: Request, prompt: Sequence[int], limit: int, vocabulary: Tokens
    ) -> None:
        self.request, self._limit, self._vocabulary = request, limit, vocabulary
        self.prompt_tokens = len(prompt)
        self.tokens: list[int] = []
        self.closed = False
        """Whether the thinking was closed for the model."""
        self._text = TokenText(request.sampling.stop)
        self._thinking = Thinking(request.thinking_budget, vocabulary.ends_in_thought(prompt))
        patience = request.deadline_s
        self._deadline = None if patience is None else time.monotonic() + patience

    @property
    def overdue(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def late(self) -> Delta:
        """The last piece of an answer that is overdue."""
        return self._delta(self._text.finish(), 0, "length", "deadline")

    def take(self, token: int, told: tuple[TokenLogprob, ...] = ()) -> Delta:
        """The piece that the model's next token makes; with a finish reason, the last."""
        before = len(self.tokens)
        if token in self._vocabulary.ends:
            return self._delta(self._text.finish(), 1, "stop", told=told)
        text = self._write(token)
        if self._text.stopped:
            return self._delta(text, 1, "stop", told=told)
        looping = self.request.stop_loops and loops(self.tokens)
        if self._thinking.spent or (looping and self._thinking.inside):
            text += self._close_thinking()
            looping = False
        new = len(self.tokens) - before
        if looping:
            return self._delta(text + self._text.finish(), new, "length", "loop", told)
        if len(self.tokens) >= self._limit:
            return self._delta(text + self._text.finish(), new, "length", "tokens", told)
        return self._delta(text, new, told=told)

    def _write(self, token: int) -> str:
        self.tokens.append(token)
        piece = self._vocabulary.piece(token)
        self._thinking.feed(piece.decode("utf-8", "replace"))
        return self._text.feed(piece)

    def _close_thinking(self) -> str:
        room = self._limit - len(self.tokens)
        closing = self._vocabulary.tokenize(CLOSING)[: max(room - 1, 0)]
        self.closed = True
        return "".join(self._write(token) for token in closing)

    def _delta(
        self,
        text: str,
        tokens: int,
        reason: FinishReason | None = None,
        ended_by: EndedBy = "",
        told: tuple[TokenLogprob, ...] = (),
    ) -> Delta:
        return Delta(self.request.id, text, tokens, self.prompt_tokens, reason, ended_by, told)
