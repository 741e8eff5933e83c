"""Log-probabilities out of logits."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lemmata.engines.base import TokenLogprob
from lemmata.engines.llama.library import Vocabulary

Logits = npt.NDArray[np.float32]


def normaliser(logits: Logits) -> float:
    """log of the sum of exp(logits), in float64: what turns a logit into a log-probability."""
    highest = float(logits.max())
    return highest + math.log(float(np.exp(logits.astype(np.float64) - highest).sum()))


def of_tokens(logits: Logits, tokens: Sequence[int]) -> list[float]:
    """The log-probability of one token in each row of `logits`, [rows, vocabulary]."""
    highest = logits.max(axis=1, keepdims=True)
    totals = np.exp(logits - highest).sum(axis=1, dtype=np.float64)
    chosen = logits[np.arange(len(tokens)), list(tokens)].astype(np.float64)
    return [float(value) for value in chosen - highest[:, 0] - np.log(totals)]


def told(logits: Logits, token: int, top: int, vocabulary: Vocabulary) -> TokenLogprob:
    """The token's log-probability and those of the `top` likeliest."""
    total = normaliser(logits)

    def text(number: int) -> str:
        return vocabulary.piece(number).decode("utf-8", "replace")

    likeliest = np.argpartition(logits, -top)[-top:] if top else np.empty(0, np.intp)
    order = likeliest[np.argsort(-logits[likeliest], kind="stable")]
    best = tuple((int(n), text(int(n)), float(logits[n]) - total) for n in order)
    return TokenLogprob(token, text(token), float(logits[token]) - total, best)
