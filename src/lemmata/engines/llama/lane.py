"""One request on its way: what it has, what it still needs, and the text it makes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lemmata.engines.llama.library import Context, Vocabulary
from lemmata.engines.llama.prefixes import Tokens
from lemmata.engines.llama.protocol import Piece, Reply, Score, Submit
from lemmata.engines.llama.sampling import Sampler
from lemmata.engines.text import TokenText
from lemmata.types import FinishReason


def log_probability(logits: npt.NDArray[np.float32], token: int) -> float:
    """Natural log of the softmax at `token`, in float64."""
    shifted = logits.astype(np.float64) - float(logits.max())
    return float(shifted[token] - math.log(np.exp(shifted).sum()))


@dataclass(slots=True)
class Lane:
    """A generating request. `tokens` is the prompt and what was generated; the first `done` of
    them are in the cells of `sequence` (None: it waits, or was set aside)."""

    command: Submit
    vocabulary: Vocabulary
    limit: int
    """Completion tokens at most."""
    tokens: list[int] = field(init=False)
    done: int = 0
    sequence: int | None = None
    cached: int = 0
    waits_for: Lane | None = None
    """A running request with the same beginning, whose cells this one will share."""
    _sampler: Sampler = field(init=False)
    _text: TokenText = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = list(self.command.tokens)
        self._sampler = Sampler(self.command.sampling, self.vocabulary.size)
        self._text = TokenText(self.command.sampling.stop)

    @property
    def generated(self) -> int:
        return len(self.tokens) - len(self.command.tokens)

    @property
    def pending(self) -> int:
        """Tokens to decode before the next can be chosen."""
        return len(self.tokens) - self.done

    @property
    def outputs(self) -> bool:
        """Whether every decoded token needs its logits, or only the last."""
        return False

    def array(self) -> Tokens:
        return np.array(self.tokens, np.int32)

    def take(self, context: Context, row: int, _: int) -> Piece | None:
        """Choose the token after batch row `row`, the last pending one."""
        token = self._sampler.choose(context, row)
        if token in self.vocabulary.ends:
            return self.end("stop", counted=1)
        self.tokens.append(token)
        text = self._text.feed(self.vocabulary.piece(token))
        if self._text.stopped:
            return Piece(self.command.id, text, 1, "stop", self.cached)
        if self.generated >= self.limit:
            return self.end("length", text, counted=1)
        return Piece(self.command.id, text, 1, None, self.cached)

    def end(self, reason: FinishReason, text: str = "", counted: int = 0) -> Piece:
        return Piece(self.command.id, text + self._text.finish(), counted, reason, self.cached)

    def set_aside(self) -> None:
        """Its cells are gone; its text, tokens and random state stay."""
        self.sequence, self.done, self.waits_for = None, 0, None

    def close(self) -> None:
        self._sampler.close()


@dataclass(slots=True)
class ScoreLane:
    """A request for log-probabilities: a prompt of which every token's logits are wanted."""

    command: Score
    tokens: list[int] = field(init=False)
    done: int = 0
    sequence: int | None = None
    waits_for: Lane | None = None
    _scores: list[float] = field(default_factory=list)
    generated: int = 0

    def __post_init__(self) -> None:
        self.tokens = list(self.command.tokens[:-1])

    @property
    def pending(self) -> int:
        return len(self.tokens) - self.done

    @property
    def outputs(self) -> bool:
        return True

    def array(self) -> Tokens:
        return np.array(self.tokens, np.int32)

    def take(self, context: Context, row: int, position: int) -> Reply | None:
        """The score of the token after `position`, out of batch row `row`."""
        target = self.command.tokens[position + 1]
        self._scores.append(log_probability(context.logits(row), target))
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
