"""Lemmata's own step, as the loop calls it: `ours.py TASK [bf16]`."""

from __future__ import annotations

import os
import sys
from itertools import count

import peft  # noqa: F401 - counted with the libraries, not with the model
import transformers  # noqa: F401
from protocol import ALPHA, DROPOUT, MODULES, RANK, RATE, SEED, Clock, serve, task

from lemmata.train import base_model, batch
from lemmata.train.objectives import Objective, token_nll
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row
from lemmata.train.step import Gradients, Stepper, Task, optimiser_of


def main() -> None:
    work = task()
    recipe = from_fields({
        "name": "bench", "data": "rows", "lora_r": RANK, "lora_alpha": ALPHA, "lr": RATE,
        "lora_dropout": DROPOUT, "target_modules": MODULES, "seed": SEED,
        "pack_tokens": int(os.environ.get("BENCH_PACK", "1024")),
        "precision": "bf16" if "bf16" in sys.argv else "fp32",
    })  # fmt: skip
    model = base_model.load(work.base, recipe).train()
    parameters = base_model.trainable(model)
    optimiser = optimiser_of(parameters, recipe)
    stepper = Stepper(recipe, parameters, Gradients(recipe, model, Objective(recipe)))
    chunks, numbers = work.chunks(), count(1)

    def step() -> dict:
        rows = [_row(item) for item in next(chunks)]
        clock = Clock()
        stepper.step(optimiser, RATE, Task(next(numbers), SEED, tuple(rows)))
        return clock.read() | {"tokens": sum(len(r.ids) for r in rows)}

    def loss() -> float:
        import torch

        model.eval()
        with torch.no_grad():
            packed = [batch.pack([_row(item)]) for item in work.held_out]
            losses = torch.cat([
                token_nll(base_model.hidden_states(model, one), base_model.head(model), one.labels)
                for one in packed
            ])  # fmt: skip
        model.train()
        return losses.mean().item()

    serve(step, loss)


def _row(item: dict) -> Row:
    return Row(tuple(item["ids"]), item["start"], (0,) * (len(item["ids"]) - item["start"]))


if __name__ == "__main__":
    main()
