"""QLoRA: a base in NF4, trained on a CPU as on a GPU; the adapter is a plain one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from lemmata import settings
from lemmata.adapters import canonical
from lemmata.train import base_model, batch, decoder, loop, recipe, run_dir
from lemmata.train.frozen import Quantised
from lemmata.train.objectives import token_nll
from lemmata.train.rows import Row

pytestmark = [pytest.mark.train, pytest.mark.model]

ROWS = [Row((1, 2, 9, 4, 5, 77), 2, (0,) * 4), Row((7, 2, 3, 12, 42, 2), 4, (0, 0))]


def quantised(folder):
    fields = {"name": "t", "data": "x", "quantisation": "nf4", "lora_dropout": 0.0}
    model = base_model.load(folder, recipe.from_fields(fields))
    for name, parameter in base_model.trainable(model).items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return model.train()


def test_the_linears_are_in_four_bits_and_nothing_else_is(tiny_base):
    fast = decoder.of(quantised(tiny_base))
    for built in fast._layers:
        for group in (built.layer.qkv, built.layer.out, built.layer.gate_up, built.layer.down):
            assert isinstance(group.frozen, Quantised)
            for module in group.frozen.modules:
                assert module.weight.dtype == torch.uint8
                assert module.weight.quant_state.quant_type == "nf4"
                assert module.weight.quant_state.nested


def test_states_and_gradients_are_those_of_bitsandbytes_own_layers(tiny_base):
    model = quantised(tiny_base)

    def gradients(states_of):
        model.zero_grad()
        packed = batch.pack(ROWS)
        loss = token_nll(states_of(model, packed), base_model.head(model), packed.labels).sum()
        loss.backward()
        return loss.item(), [p.grad.clone() for p in base_model.trainable(model).values()]

    ours, found = gradients(base_model.hidden_states)
    theirs, wanted = gradients(base_model.reference_states)
    assert ours == pytest.approx(theirs, rel=1e-4)
    for mine, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, other, rtol=2e-3, atol=1e-5)


def test_the_shipped_recipe_runs_and_lands_a_canonical_adapter(tiny_base, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({
        "messages": [{"role": "user", "content": "What is 2 + 3?"}],
        "completion": "2 + 3 = 5\n\\boxed{5}", "meta": {"task": "counting"},
    }) + "\n")  # fmt: skip
    tiny = recipe.load("qlora", {"base": str(tiny_base), "data": [str(rows)], "lr": 1e-2,
                                 "epochs": 3})  # fmt: skip
    home = replace(settings.load(), home=tmp_path / "home", threads=1)
    run = loop.start(tiny, home)
    ref = canonical.open(run / run_dir.FINAL)
    assert (ref.rank, ref.alpha) == (8, 16.0)
    adapter = canonical.read(run / run_dir.FINAL)
    assert any(part.b.any() for part in adapter.weights.projections)
    lines = [json.loads(line) for line in (run / run_dir.EVENTS).read_text().splitlines()]
    losses = [line["loss"] for line in lines if line["event"] == "step"]
    assert losses[-1] < losses[0]
