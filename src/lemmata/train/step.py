"""One optimiser step: rows into packs, their gradients added up, one update.

The loss is a sum over label tokens divided by those of the whole step, and dropout is a pure
function of the seed, the step and the pack. So neither the order of packs nor the process that runs
one changes what a step does, but for the rounding of sums.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lemmata.errors import BadRecipe
from lemmata.train import base_model, batch
from lemmata.train.base_model import Model
from lemmata.train.objectives import Objective, means
from lemmata.train.objectives.compose import Told
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row, groups

Parameters = Mapping[str, torch.nn.Parameter]


@dataclass(frozen=True, slots=True)
class Task:
    """What decides the gradients of a step."""

    number: int
    seed: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the packs of a step: the loss, and what the log tells of each."""

    loss: float
    told: list[Told]


States = Callable[[Model, batch.Pack, Sequence[Row], int], torch.Tensor]


def run_all(model: Model, pack: batch.Pack, rows: Sequence[Row], seed: int) -> torch.Tensor:
    """The states of a pack through every layer."""
    del rows
    return base_model.hidden_states(model, pack, seed)


@dataclass(frozen=True, slots=True)
class Gradients:
    """The gradients of a step: those of every `stride`-th pack from `offset` on, which are all of
    them in a run of one process."""

    recipe: Recipe
    model: Model
    objective: Objective
    states: States = run_all
    offset: int = 0
    stride: int = 1

    def __call__(self, task: Task) -> Sums:
        """Adds them to the parameters' `grad`."""
        packed = [(rows, batch.pack(rows)) for rows in groups(task.rows, self.recipe.pack_tokens)]
        labels = sum(one.label_tokens for _, one in packed)
        loss, told = 0.0, []
        for number in range(self.offset, len(packed), self.stride):
            rows, one = packed[number]
            here = one.to(base_model.device())
            states = self.states(self.model, here, rows, _seed(task, number))
            total, sums = self.objective(states, base_model.head(self.model), here, rows)
            part = total / labels
            part.backward()  # type: ignore[no-untyped-call]
            loss += part.item()
            told.append(sums)
        return Sums(loss, told)


def _seed(task: Task, pack: int) -> int:
    """Of the dropout of one pack."""
    digest = hashlib.sha256(f"{task.seed} {task.number} {pack}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@dataclass(frozen=True, slots=True)
class Stepper:
    """Steps of a run. `gradients` leaves those of a task in the parameters."""

    recipe: Recipe
    parameters: Parameters
    gradients: Callable[[Task], Sums]

    def step(self, optimiser: torch.optim.Optimizer, rate: float, task: Task) -> dict[str, Any]:
        """One step; gives what the log tells. Raises BadRecipe where the loss is no number."""
        began = time.perf_counter()
        sums = self.gradients(task)
        norm = _clipped(self.parameters, self.recipe.max_grad_norm)
        if not math.isfinite(sums.loss) or not math.isfinite(norm):
            raise BadRecipe(
                f"the loss is no longer a number at step {task.number}",
                "Lower lr or raise warmup_steps; the last checkpoint is kept.",
            )
        for group in optimiser.param_groups:
            group["lr"] = rate * group["ratio"]
        optimiser.step()
        optimiser.zero_grad()
        tokens = sum(len(row.ids) for row in task.rows)
        labels = sum(len(row.ids) - row.start for row in task.rows)
        seconds = time.perf_counter() - began
        return {"loss": sums.loss, **means(sums.told), "lr": rate, "grad_norm": norm,
                "label_tokens": labels, "tokens": tokens,
                "tokens_per_s": round(tokens / seconds, 1)}  # fmt: skip


def learning_rate(recipe: Recipe, peak: float, number: int, total: int) -> float:
    """The rate of step `number` (from 1) of `total`: linear warm-up, then a cosine to 0."""
    warm = min(1.0, number / recipe.warmup_steps) if recipe.warmup_steps else 1.0
    return peak * warm * 0.5 * (1 + math.cos(math.pi * (number - 1) / total))


def optimiser_of(parameters: Parameters, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW, the B matrices at `lr_b_ratio` times the rate of A (LoRA+, arXiv:2402.12354)."""
    groups_of: list[dict[str, Any]] = [
        {"params": [p for name, p in parameters.items() if part in name], "ratio": ratio}
        for part, ratio in (("lora_A", 1.0), ("lora_B", recipe.lr_b_ratio))
    ]
    return torch.optim.AdamW(
        groups_of, lr=recipe.lr, betas=recipe.betas, weight_decay=recipe.weight_decay
    )


def _clipped(parameters: Parameters, most: float) -> float:
    """The gradients' norm, which is brought down to `most` where that is set."""
    limit = most or float("inf")
    return float(torch.nn.utils.clip_grad_norm_(list(parameters.values()), limit))
