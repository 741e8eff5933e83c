"""What is minimised. Each objective is a sum over label tokens; the loop divides by their number in
the whole step, so that neither packing nor accumulation changes what a token weighs."""

from __future__ import annotations

from typing import Any

import torch

from lemmata.train.batch import IGNORED
from lemmata.train.rows import HEAD_ROWS


def token_nll(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, rows: int = HEAD_ROWS
) -> torch.Tensor:
    """-log p(label) at every labelled position, float32 [m], in nats.

    `hidden` [1, n, d] are the last layer's normed states, `weight` [vocabulary, d] the frozen
    projection to the vocabulary, `labels` [1, n]. The projection runs at the m labelled positions
    only, the others would cost as much and teach nothing, and for `rows` of them at a time.
    """
    told = labels != IGNORED
    losses: torch.Tensor = _TokenNll.apply(  # type: ignore[no-untyped-call]
        hidden[told], weight, labels[told], rows
    )
    return losses


class _TokenNll(torch.autograd.Function):
    """Cross-entropy whose gradient is made in the forward pass, so that logits live for one chunk.

    A token's loss depends on its own state h alone, and d loss / d h = (softmax(W h) - onehot) W
    whatever is done with the losses afterwards; the backward pass only scales it. Kept are m x d
    numbers in place of m x vocabulary, and any objective over token losses stays possible.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, rows: int
    ) -> torch.Tensor:
        losses = torch.empty(len(labels), dtype=torch.float32, device=hidden.device)
        gradient = torch.empty_like(hidden)
        for first in range(0, len(labels), rows):
            part = slice(first, first + rows)
            logits = (hidden[part] @ weight.T).float()
            wanted = labels[part, None]
            total = torch.logsumexp(logits, -1, keepdim=True)
            losses[part] = (total - logits.gather(1, wanted)).squeeze(1)
            probabilities = logits.sub_(total).exp_()
            probabilities.scatter_add_(1, wanted, -torch.ones_like(total))
            gradient[part] = probabilities.to(weight.dtype) @ weight
        ctx.save_for_backward(gradient)
        return losses

    @staticmethod
    def backward(ctx: Any, scale: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * scale[:, None].to(gradient.dtype), None, None, None


def step_penalty(
    losses: torch.Tensor, steps: torch.Tensor, rows: torch.Tensor, temperature: float
) -> torch.Tensor:
    """How far a row's hardest step stands out from its others, summed over label tokens.

    With s_j the mean NLL of step j of a row that has J steps and T label tokens, the row adds

        T * ( t * log( 1/J * sum_j exp(s_j / t) ) - 1/J * sum_j s_j )

    the smooth maximum over steps (log-mean-exp at temperature t, which tends to the maximum as t
    tends to 0) minus their mean. It is 0 where all steps are equally likely, and never negative
    (Jensen); its gradient moves weight from easy steps to the one that a reader could not follow.
    `losses`, `steps` and `rows` are [m], as in `Pack`. This project's own: the aim is fewer leaps.
    """
    count = int(steps.max()) + 1
    zeros = losses.new_zeros(count)
    sizes = zeros.index_add(0, steps, torch.ones_like(losses))
    means = zeros.index_add(0, steps, losses) / sizes
    row_of_step = rows.new_zeros(count).scatter(0, steps, rows)
    total = losses.new_zeros(())
    for row in range(int(rows.max()) + 1):
        own = means[row_of_step == row]
        highest = temperature * (torch.logsumexp(own / temperature, 0) - torch.log(
            own.new_tensor(float(len(own)))
        ))  # fmt: skip
        total = total + (rows == row).sum() * (highest - own.mean())
    return total
