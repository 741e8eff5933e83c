"""One request on its way: what it has, what it still needs, and the text it makes."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from lemmata.engines.base import EndedBy, TokenLogprob
from lemmata.engines.llama import logprobs
from lemmata.engines.llama.library import Context, Vocabulary
from lemmata.engines.llama.prefixes import Tokens
from lemmata.engines.llama.protocol import Piece, Reply, Score, Submit
from lemmata.engines.llama.sampling import Sampler
from lemmata.engines.llama.speculation import Lookup
from lemmata.engines.text import TokenText
from lemmata.engines.thinking import CLOSING, Thinking, loops
from lemmata.types import FinishReason


class Lane:
    """A generating request. `tokens` is the prompt and what was generated; the first `done` of
    them are in the cells of `sequence` (None: it waits, or was set aside). At most `limit` are
    generated. Raises BadInput for a grammar that cannot be used."""

    outputs = False
    """Whether every decoded token needs its logits, or only the last."""

    def __init__(self, command: Submit, vocabulary: Vocabulary, limit: int) -> None:
        self.command, self._vocabulary, self._limit = command, vocabulary, limit
        self.tokens = list(command.tokens)
        self.done = self.cached = 0
        self.sequence: int | None = None
        self.waits_for: Lane | None = None
        self.draft: list[int] = []
        self._lookup = Lookup()
        self._sampler = Sampler(command.sampling, vocabulary)
        self._text = TokenText(command.sampling.stop)
        self._thinking = Thinking(command.thinking_budget, vocabulary.ends_in_thought(self.tokens))
        patience = command.deadline_s
        self._deadline = None if patience is None else time.monotonic() + patience

    @property
    def generated(self) -> int:
        return len(self.tokens) - len(self.command.tokens)

    @property
    def pending(self) -> int:
        """Tokens to decode before the next can be chosen."""
        return len(self.tokens) - self.done

    @property
    def overdue(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def array(self) -> Tokens:
        return np.array(self.tokens, np.int32)

    def guess(self, most: int) -> bool:
        """Fill `draft` with tokens that may follow the last. They count towards the limit."""
        self.draft = self._lookup.guess(self.tokens, min(most, self._limit - self.generated - 1))
        return bool(self.draft)

    def take(self, context: Context, row: int, _: int) -> Piece:
        """Choose the token after batch row `row`, the last pending one, and go on as long as the
        choice is what the draft guessed: the next row is then the right one."""
        start, draft = len(self.tokens), self.draft
        self.draft = []
        taken = [self._next(context, row)]
        self.done = start
        for guess in draft:
            if self.tokens[self.done : self.done + 1] != [guess]:
                break
            self.done += 1
            if taken[-1].finish_reason is not None or len(self.tokens) > self.done:
                break
            taken.append(self._next(context, row + len(taken)))
        return _joined(taken)

    def _next(self, context: Context, row: int) -> Piece:
        token = self._sampler.choose(context, row)
        told = self._told(context, row, token)
        if token in self._vocabulary.ends:
            return self.end("stop", tokens=1, logprobs=told)
        text = self._write(token)
        if self._text.stopped:
            return self._piece(text, 1, "stop", logprobs=told)
        closing, ended_by = self._check()
        if ended_by:
            return self.end("length", ended_by, text, 1, told)
        return self._piece(text + closing, 1, logprobs=told)

    def _write(self, token: int) -> str:
        self.tokens.append(token)
        piece = self._vocabulary.piece(token)
        self._thinking.feed(piece.decode("utf-8", "replace"))
        return self._text.feed(piece)

    def _check(self) -> tuple[str, EndedBy]:
        """The text that closes the thinking, where it must be closed, or what ends the answer."""
        looping = self.command.stop_loops and loops(self.tokens[len(self.command.tokens) :])
        ended: EndedBy = ""
        if self._thinking.spent or (looping and self._thinking.inside):
            return self._close_thinking(), ended
        if looping:
            ended = "loop"
        elif self.generated >= self._limit:
            ended = "tokens"
        return "", ended

    def _close_thinking(self) -> str:
        room = self._limit - self.generated
        shown = []
        for token in self._vocabulary.tokenize(CLOSING)[: max(room - 1, 0)]:
            self._sampler.force(token)
            shown.append(self._write(token))
        return "".join(shown)

    def _told(self, context: Context, row: int, token: int) -> tuple[TokenLogprob, ...]:
        top = self.command.sampling.logprobs
        if top is None:
            return ()
        return (logprobs.told(context.logits(row), token, top, self._vocabulary),)

    def _piece(
        self,
        text: str,
        tokens: int,
        reason: FinishReason | None = None,
        ended_by: EndedBy = "",
        logprobs: tuple[TokenLogprob, ...] = (),
    ) -> Piece:
        return Piece(self.command.id, text, tokens, reason, ended_by, logprobs, self.cached)

    def end(
        self,
        reason: FinishReason,
        ended_by: EndedBy = "",
        text: str = "",
        tokens: int = 0,
        logprobs: tuple[TokenLogprob, ...] = (),
    ) -> Piece:
        """The last piece, with what was held back."""
        return self._piece(text + self._text.finish(), tokens, reason, ended_by, logprobs)

    def set_aside(self) -> None:
        """Its cells are gone; its text, tokens and random state stay."""
        self.sequence, self.done, self.waits_for, self.draft = None, 0, None, []

    def close(self) -> None:
        self._sampler.close()


def _joined(pieces: list[Piece]) -> Piece:
    """One piece of several that came at once."""
    if len(pieces) == 1:
        return pieces[0]
    return replace(
        pieces[-1],
        text="".join(piece.text for piece in pieces),
        tokens=sum(piece.tokens for piece in pieces),
        logprobs=tuple(told for piece in pieces for told in piece.logprobs),
    )


class ScoreLane:
    """A request for log-probabilities: a prompt of which every token's logits are wanted."""

    outputs = True
    overdue = False
    generated = 0
    waits_for: Lane | None = None

    def __init__(self, command: Score) -> None:
        self.command = command
        self.tokens = list(command.tokens[:-1])
        self.draft: list[int] = []
        self.done = 0
        self.sequence: int | None = None
        self._scores: list[float] = []

    @property
    def pending(self) -> int:
        return len(self.tokens) - self.done

    def array(self) -> Tokens:
        return np.array(self.tokens, np.int32)

    def take(self, context: Context, row: int, count: int) -> Reply | None:
        """The scores of the tokens after the next `count`, out of the batch rows from `row` on."""
        first = len(self._scores) + 1
        targets = self.command.tokens[first : first + count]
        self._scores += logprobs.of_tokens(context.block(row, count), targets)
        if len(self._scores) < len(self.tokens):
            return None
        return Reply(self.command.id, self._scores)

    def end(self, *_: object) -> Reply:
        return Reply(self.command.id, self._scores)

    def set_aside(self) -> None:
        """Its cells are gone, and with them the way to the next score: it begins again."""
        self.sequence, self.done = None, 0
        self._scores.clear()

    def close(self) -> None:
        """Nothing to free."""


AnyLane = Lane | ScoreLane
