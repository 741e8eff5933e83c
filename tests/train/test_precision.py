"""bf16 on a CPU: slow or fast as the processor has it, but the same on all."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lemmata.adapters import manifest
from lemmata.train import base_model, batch, checkpoint, loop, run_dir
from lemmata.train.interrupt import Stopped
from lemmata.train.objectives import Objective, token_nll
from lemmata.train.recipe import Recipe, from_fields
from lemmata.train.rows import Row
from lemmata.train.step import Gradients, Task
from train.conftest import sums, weights

pytestmark = [pytest.mark.train, pytest.mark.model]

ROWS = (
    Row((1, 2, 3, 10, 11, 40, 41, 2), 5, (0, 0, 0)),
    Row((9, 8, 7, 50, 51, 52, 53, 54, 55, 56, 57, 2), 3, (0,) * 9),
)


@pytest.fixture
def recipe(tiny_base: Path, tmp_path: Path) -> Recipe:
    """Six steps in bf16, a checkpoint every second."""
    rows = sums(tmp_path / "rows.jsonl", ((2, 3), (4, 3), (16, 3), (1, 1)))
    return from_fields({
        "name": "tiny", "data": rows, "base": str(tiny_base), "lr": 1e-2, "precision": "bf16",
        "rows_per_step": 2, "epochs": 3, "save_every": 2, "warmup_steps": 2,
    })  # fmt: skip


def test_what_is_left_open_is_settled_when_a_run_starts():
    """On the machine that goes on with a run, auto could mean something else."""
    found = {name: base_model.settled(from_fields({"name": "a", "data": "x", "precision": name}))
             for name in ("auto", "fp32", "bf16")}  # fmt: skip
    here = "bf16" if torch.cuda.is_available() else "fp32"
    assert {name: one.precision for name, one in found.items()} == {
        "auto": here, "fp32": "fp32", "bf16": "bf16",
    }  # fmt: skip


def test_a_run_says_which_it_took_and_resumes_to_the_same_bits(recipe, home):
    whole = loop.start(recipe, home)
    assert run_dir.read_recipe(whole).precision == "bf16"
    assert manifest.read(whole / run_dir.FINAL).recipe["precision"] == "bf16"

    def press(stage, done, total):
        if stage.startswith("train") and done == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped) as stop:
        loop.start(recipe, home, press)
    (place, *_) = (stop.value.run / run_dir.CHECKPOINTS).glob("3")
    state = checkpoint.load((place / checkpoint.TENSORS).read_bytes())
    kept = [value for name, value in state.items() if not name.startswith("rng")]
    assert {value.dtype for value in kept} == {torch.float32}
    assert weights(loop.resume(stop.value.run, home)) == weights(whole)


def test_the_base_is_bf16_and_what_is_learnt_float32_and_as_near_as_bf16_is(recipe, tiny_base):
    losses, gradients = [], []
    for precision in ("fp32", "bf16"):
        one = replace(recipe, precision=precision, lora_dropout=0.0)
        model = base_model.load(tiny_base, one).train()
        found = Gradients(one, model, Objective(one))(Task(1, 0, ROWS))
        losses.append(found.loss)
        gradients.append([p.grad for p in base_model.trainable(model).values()])
        assert base_model.head(model).dtype == base_model.precision(one)
    assert losses[1] == pytest.approx(losses[0], rel=2e-3)
    for exact, near in zip(*gradients, strict=True):
        assert near.dtype == torch.float32
        assert (near - exact).norm() <= 0.05 * exact.norm() + 1e-9


def test_the_loss_is_summed_in_float32(recipe, tiny_base):
    model = base_model.load(tiny_base, recipe)
    packed = batch.pack(ROWS)
    losses = token_nll(base_model.hidden_states(model, packed), base_model.head(model),
                       packed.labels)  # fmt: skip
    assert losses.dtype == torch.float32
