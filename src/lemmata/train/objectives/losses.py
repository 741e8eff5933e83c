"""Losses of single tokens: cross-entropy, and KL to soft labels, from one pass over the logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lemmata.train import products
from lemmata.train.batch import IGNORED
from lemmata.train.rows import HEAD_ROWS


@dataclass(frozen=True, slots=True)
class Soft:
    """What a teacher says at m labelled positions: its k likeliest `tokens` [m, k] (int64), their
    natural `logprobs` [m, k], and how much each position counts, `weight` [m] (0: not at all)."""

    tokens: torch.Tensor
    logprobs: torch.Tensor
    weight: torch.Tensor


def token_nll(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, rows: int = HEAD_ROWS
) -> torch.Tensor:
    """-log p(label) at every labelled position, float32 [m], in nats.

    `hidden` [1, n, d] are the last layer's normed states, `weight` [vocabulary, d] the frozen
    projection to the vocabulary, `labels` [1, n]. The projection runs at the m labelled positions
    only, the others would cost as much and teach nothing, and for `rows` of them at a time.
    """
    return token_losses(hidden, weight, labels, (), rows)[0]


def token_losses(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    labels: torch.Tensor,
    soft: Sequence[Soft],
    rows: int = HEAD_ROWS,
) -> tuple[torch.Tensor, torch.Tensor]:
    """`token_nll`, and the weighted sum of the divergences to soft labels, both float32 [m].

    With p the teacher's probabilities of its k likeliest tokens, q the student's of the same ones,
    and p_r, q_r what is left for all others, a teacher adds the forward divergence

        KL = sum_i p_i log(p_i / q_i) + p_r log(p_r / q_r)

    (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531, at
    temperature 1, over k + 1 outcomes). The remainder as one outcome keeps the student from moving
    mass to where the teacher saw none; by the data-processing inequality the sum is never above the
    divergence over the whole vocabulary, and is 0 where the student agrees.
    """
    told = labels != IGNORED
    parts = [part for one in soft for part in (one.tokens, one.logprobs, one.weight)]
    nll, divergence = _TokenLosses.apply(  # type: ignore[no-untyped-call]
        hidden[told], weight, labels[told], rows, *parts
    )
    return nll, divergence


class _TokenLosses(torch.autograd.Function):
    """Losses whose gradients are made in the forward pass, so that logits live for one chunk.

    A token's losses depend on its own state h alone: with q = softmax(W h), d nll / d h =
    (q - onehot) W, and d KL / d h = (q - t) W, where t is the teacher's p on its k tokens and
    p_r q_j / q_r, the remainder spread as the student spreads its own, elsewhere. The backward
    pass only scales them, so any objective over token losses stays possible; kept are m x d numbers
    in place of m x vocabulary.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        labels: torch.Tensor,
        rows: int,
        *parts: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        nll = torch.empty(len(labels), dtype=torch.float32, device=hidden.device)
        divergence = torch.zeros_like(nll)
        nll_gradient = torch.empty_like(hidden)
        soft_gradient = torch.empty_like(hidden) if parts else None
        teachers = [Soft(*parts[i : i + 3]) for i in range(0, len(parts), 3)]
        for first in range(0, len(labels), rows):
            part = slice(first, first + rows)
            logits = products.forward(hidden[part], weight, None).float()
            wanted = labels[part, None]
            total = torch.logsumexp(logits, -1, keepdim=True)
            nll[part] = (total - logits.gather(1, wanted)).squeeze(1)
            probabilities = logits.sub_(total).exp_()
            if soft_gradient is not None:
                moved = torch.zeros_like(probabilities)
                for one in teachers:
                    divergence[part] += _towards(one, part, probabilities, moved)
                soft_gradient[part] = products.backward(moved.to(weight.dtype), weight)
            probabilities.scatter_add_(1, wanted, -torch.ones_like(total))
            nll_gradient[part] = products.backward(probabilities.to(weight.dtype), weight)
        ctx.save_for_backward(nll_gradient, soft_gradient)
        return nll, divergence

    @staticmethod
    def backward(
        ctx: Any, scale: torch.Tensor, soft_scale: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        nll_gradient, soft_gradient = ctx.saved_tensors
        gradient = nll_gradient * scale[:, None].to(nll_gradient.dtype)
        if soft_gradient is None:
            return gradient, None, None, None
        gradient = gradient + soft_gradient * soft_scale[:, None].to(gradient.dtype)
        return gradient, None, None, None, *(None,) * (len(ctx.needs_input_grad) - 4)


def _towards(soft: Soft, part: slice, student: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
    """The weighted divergence of one chunk [c]; adds its gradient in the logits to `moved`.

    `student` and `moved` are [c, vocabulary].
    """
    least = torch.finfo(torch.float32).tiny
    tokens, logprobs = soft.tokens[part], soft.logprobs[part].float()
    weight = soft.weight[part, None].float()
    p = logprobs.exp()
    p_rest = (1 - p.sum(-1, keepdim=True)).clamp_min(0)
    q = student.gather(1, tokens)
    # Summed over the others, not 1 - sum(q): the student may leave them next to nothing.
    others = student.scatter(1, tokens, 0.0)
    q_rest = others.sum(-1, keepdim=True).clamp_min(least)
    moved.add_(others.mul_(weight * (1 - (p_rest / q_rest).clamp_max(1e12))))
    moved.scatter_add_(1, tokens, weight * (q - p))
    found = (p * (logprobs - q.clamp_min(least).log())).sum(-1)
    found += (torch.xlogy(p_rest, p_rest) - p_rest * q_rest.log()).squeeze(1)
    return weight.squeeze(1) * found
