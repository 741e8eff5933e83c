"""How the next token is chosen out of logits, in the embedded engine's order: repetition penalty,
temperature, top_k, top_p, min_p."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import torch

from lemmata.engines.base import Sampling, TokenLogprob

_LOOK_BACK = 64
"""Tokens that the repetition penalty looks at, as in the embedded engine."""


class Sampler:
    """One request's choice of tokens; its random state is its own, so neighbours do not matter."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        seed = secrets.randbits(31) if sampling.seed is None else sampling.seed & 0xFFFF_FFFF
        self._draw = torch.Generator().manual_seed(seed)

    def choose(self, logits: torch.Tensor, written: Sequence[int]) -> int:
        """The token after `logits` [vocabulary], float32 on the CPU."""
        sampling = self._sampling
        logits = _penalised(logits, written[-_LOOK_BACK:], sampling.repeat_penalty)
        if sampling.greedy:
            return int(logits.argmax())
        likely = _cut(logits / sampling.temperature, sampling)
        return int(torch.multinomial(likely, 1, generator=self._draw))


def _penalised(logits: torch.Tensor, written: Sequence[int], penalty: float) -> torch.Tensor:
    """https://arxiv.org/abs/1909.05858, section 4.1."""
    if penalty == 1 or not written:
        return logits
    seen = torch.tensor(sorted(set(written)))
    values = logits[seen]
    changed = logits.clone()
    changed[seen] = torch.where(values > 0, values / penalty, values * penalty)
    return changed


def _cut(logits: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Probabilities with the unlikely ones at 0; not normalised."""
    if sampling.top_k:
        least = logits.topk(min(sampling.top_k, len(logits))).values[-1]
        logits = logits.masked_fill(logits < least, -torch.inf)
    likely = logits.softmax(-1)
    if sampling.top_p < 1:
        ordered, places = likely.sort(descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        likely[places[before >= sampling.top_p]] = 0
    if sampling.min_p > 0:
        likely[likely < sampling.min_p * likely.max()] = 0
    return likely


def log_probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Natural logarithms in float64, of the same shape as `logits`, over its last axis."""
    return logits.double().log_softmax(-1)


def told(logits: torch.Tensor, token: int, top: int, piece: Callable[[int], bytes]) -> TokenLogprob:
    """The token's log-probability, and those of the `top` likeliest."""
    values = log_probabilities(logits)

    def text(number: int) -> str:
        return piece(number).decode("utf-8", "replace")

    best = values.topk(top) if top else None
    likeliest = (
        ()
        if best is None
        else tuple(
            (int(n), text(int(n)), float(value))
            for value, n in zip(best.values, best.indices, strict=True)
        )
    )
    return TokenLogprob(token, text(token), float(values[token]), likeliest)
