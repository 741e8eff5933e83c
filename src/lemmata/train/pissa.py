"""PiSSA's start (Meng et al. 2024, arXiv:2404.02948) in a plain adapter of twice the rank; the
formulas stand in `variants`."""

from __future__ import annotations

from typing import Any

import torch

from lemmata.train.frozen import frozen_of


def start_at_principal_part(tuned: list[Any], r: int) -> None:
    """Give PEFT's adapted linears, of rank 2 r, PiSSA's start."""
    for module in tuned:
        (name,) = module.active_adapters
        a, b = module.lora_A[name].weight, module.lora_B[name].weight
        first_a, first_b = _principal(_dense(module.base_layer), r, module.scaling[name])
        with torch.no_grad():
            a.copy_(torch.cat([first_a, first_a]))
            b.copy_(torch.cat([first_b, -first_b], 1))
        a.register_hook(lambda gradient: _still(gradient, slice(r, None), slice(None)))
        b.register_hook(lambda gradient: _still(gradient, slice(None), slice(r, None)))


def _still(gradient: torch.Tensor, rows: slice, columns: slice) -> torch.Tensor:
    """The gradient without that of the part that is not trained."""
    gradient = gradient.clone()
    gradient[rows, columns] = 0
    return gradient


def _principal(weight: torch.Tensor, r: int, by: float) -> tuple[torch.Tensor, torch.Tensor]:
    """A [r, in] and B [out, r] with by * B A the best approximation of `weight` of rank r."""
    left, values, right = torch.linalg.svd(weight.float(), full_matrices=False)
    root = (values[:r] / by).sqrt()
    return root[:, None] * right[:r], left[:, :r] * root


def _dense(linear: Any) -> torch.Tensor:
    return frozen_of([linear]).dense(torch.float32)
