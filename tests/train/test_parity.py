"""Loss and gradients against TRL's SFTTrainer with loss_type "nll", on identical batches."""

from __future__ import annotations

import warnings

import pytest
import torch
import trl

from lemmata.train import base_model, batch
from lemmata.train.objectives import Objective
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row
from lemmata.train.step import Gradients, Task

pytestmark = [pytest.mark.train, pytest.mark.model]

RECIPE = from_fields({"name": "t", "data": "x", "lora_dropout": 0.0, "pack_tokens": 24})
ROWS = [
    Row((1, 2, 3, 10, 11, 40, 41, 2), 5, (0, 0, 0)),
    Row((1, 2, 3, 12, 42, 2), 4, (0, 0)),
    Row((1, 2, 3, 10, 13, 14, 43, 44, 45, 2), 6, (0, 0, 0, 0)),
    Row((9, 8, 7, 50, 51, 52, 53, 54, 55, 56, 57, 2), 3, (0,) * 9),
]


@pytest.fixture
def model(tiny_base):
    model = base_model.load(tiny_base, RECIPE)
    for name, parameter in base_model.trainable(model).items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return model.train()


def gradients_of(model):
    found = {name: p.grad.clone() for name, p in base_model.trainable(model).items()}
    model.zero_grad()
    return found


@pytest.mark.filterwarnings("ignore")
def test_loss_and_gradients_are_trl_s_to_1e_5(model, tiny_base, tmp_path):
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

    sums = Gradients(RECIPE, model, Objective(RECIPE))(Task(1, 0, tuple(ROWS)))
    ours = gradients_of(model)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(tiny_base / "tokenizer.json"), pad_token="<|im_end|>",
        eos_token="<|im_end|>",
    )  # fmt: skip
    data = Dataset.from_list([
        {"input_ids": list(row.ids),
         "completion_mask": [int(at >= row.start) for at in range(len(row.ids))]}
        for row in ROWS
    ])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = trl.SFTTrainer(
            model,
            args=trl.SFTConfig(
                output_dir=str(tmp_path), loss_type="nll", bf16=False, use_cpu=True,
                gradient_checkpointing=False, completion_only_loss=True, report_to="none",
            ),
            train_dataset=data, processing_class=tokenizer,
        )  # fmt: skip
        inputs = trainer.data_collator([trainer.train_dataset[i] for i in range(len(ROWS))])
        labels = (inputs["labels"][:, 1:] != batch.IGNORED).sum()
        theirs = trainer.compute_loss(trainer.model, inputs, num_items_in_batch=labels)
    theirs.backward()
    assert int(labels) == sum(len(row.ids) - row.start for row in ROWS)
    assert abs(sums.loss - theirs.item()) < 1e-5
    for name, gradient in gradients_of(model).items():
        torch.testing.assert_close(ours[name], gradient, rtol=1e-3, atol=1e-6)
