"""Against logical leaps: no single step of a derivation may stay unexplained."""

from __future__ import annotations

import torch


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
