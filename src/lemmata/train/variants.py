"""Kinds of LoRA beside the plain one: other scales, other starts, fewer layers.

rsLoRA  scale alpha / sqrt(r) in place of alpha / r (Kalajdzievski 2023, arXiv:2312.03732).
PiSSA   starts at the base's principal part (Meng et al. 2024, arXiv:2404.02948): with W = U S V^T
        and its r largest singular values, B0 = U_r S_r^(1/2) and A0 = S_r^(1/2) V_r^T, the base
        keeps W - B0 A0 and B A is trained from there.
LoRA+   is a rate of its own for B (`step.optimiser_of`).

PiSSA is run as a plain delta of twice the rank, W + [B, -B0] [A; A0], whose second half stands
still (`pissa`). The sum is the paper's; the base is never changed, and the adapter can be turned
off, scaled and served on the original base like any other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lemmata.train.recipe import Recipe


def rank(recipe: Recipe) -> int:
    """Of the adapter as it is run and written."""
    return recipe.lora_r * (2 if recipe.init_lora_weights == "pissa" else 1)


def scale(recipe: Recipe) -> float:
    """What B A is multiplied by."""
    divisor = math.sqrt(recipe.lora_r) if recipe.use_rslora else recipe.lora_r
    return recipe.lora_alpha / divisor


def layers(recipe: Recipe, count: int) -> list[int] | None:
    """The adapted ones of `count`; None: all."""
    return list(range(count // 2, count)) if recipe.layers == "top-half" else None
