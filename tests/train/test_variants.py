"""Kinds of LoRA against their papers and PEFT's own: scales, starts, rates, layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaForCausalLM

from lemmata.adapters import canonical
from lemmata.adapters.manifest import Manifest
from lemmata.errors import BadRecipe
from lemmata.train import base_model, batch
from lemmata.train.objectives import token_nll
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row
from lemmata.train.step import optimiser_of

pytestmark = [pytest.mark.train, pytest.mark.model]

ROWS = [Row((1, 2, 9, 4, 5, 77), 2, (0,) * 4), Row((7, 2, 3, 12, 42, 2), 4, (0, 0))]


def recipe_of(**fields):
    return from_fields({"name": "t", "data": "x", "lora_dropout": 0.0} | fields)


def base_of(folder):
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)


def peft_of(folder, **fields):
    with base_model._quiet():
        config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], **fields)
        return get_peft_model(base_of(folder), config)


def gradients(model, states_of):
    model.zero_grad()
    packed = batch.pack(ROWS)
    loss = token_nll(states_of(model, packed), base_model.head(model), packed.labels).sum()
    loss.backward()
    return loss.item(), {
        name: p.grad.clone() for name, p in base_model.trainable(model).items()
    }  # fmt: skip


def moved(model):
    """The adapters' B matrices away from where they started."""
    torch.manual_seed(5)
    for name, parameter in base_model.trainable(model).items():
        if "lora_B" in name:
            parameter.data[:, :8] += torch.randn(len(parameter), 8) * 0.05
    return model.train()


def served_logits(folder, exported, tmp_path):
    """Of the canonical folder, as PEFT loads it on the original base."""
    from peft import PeftModel

    tensors = {name: value.numpy() for name, value in exported.tensors.items()}
    canonical.save(tmp_path / "a", tensors, rank=exported.rank, alpha=exported.alpha,
                   about=Manifest(base="a/b"), dtype="F32")  # fmt: skip
    with base_model._quiet(), torch.no_grad():
        return PeftModel.from_pretrained(base_of(folder), tmp_path / "a").eval()(IDS).logits


IDS = torch.tensor([[5, 300, 17, 9000, 12]])


@pytest.mark.parametrize(
    "fields", [{}, {"use_rslora": True}, {"init_lora_weights": "pissa"},
               {"init_lora_weights": "pissa", "use_rslora": True}]
)  # fmt: skip
def test_every_kind_lands_as_a_plain_adapter_of_the_original_base(fields, tiny_base, tmp_path):
    recipe = recipe_of(**fields)
    model = moved(base_model.load(tiny_base, recipe))
    exported = base_model.exported(model, recipe)
    with torch.no_grad():
        ours = model.eval()(IDS).logits
        with model.disable_adapter():
            torch.testing.assert_close(model(IDS).logits, base_of(tiny_base)(IDS).logits)
    served = served_logits(tiny_base, exported, tmp_path)
    torch.testing.assert_close(served, ours, rtol=1e-4, atol=1e-5)
    assert exported.rank == (16 if "init_lora_weights" in fields else 8)
    ref = canonical.open(tmp_path / "a")
    assert (ref.rank, ref.alpha) == (exported.rank, exported.alpha)


def test_rslora_has_peft_s_scale_and_gradients(tiny_base):
    """gamma = alpha / sqrt(r), arXiv:2312.03732."""
    ours = moved(base_model.load(tiny_base, recipe_of(use_rslora=True)))
    theirs = moved(peft_of(tiny_base, use_rslora=True))
    theirs.load_state_dict(ours.state_dict(), strict=False)
    assert base_model.tuned(ours)[0].scaling["default"] == pytest.approx(16 / math.sqrt(8))
    loss, found = gradients(ours, base_model.hidden_states)
    other, wanted = gradients(theirs, base_model.reference_states)
    assert loss == pytest.approx(other, rel=1e-5)
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-6)


def test_pissa_starts_at_the_best_approximation_of_rank_r(tiny_base):
    """Eckart and Young: what is left of W has the singular values from r + 1 on."""
    model = base_model.load(tiny_base, recipe_of(init_lora_weights="pissa"))
    for module in base_model.tuned(model):
        a, b = (part["default"].weight.detach() for part in (module.lora_A, module.lora_B))
        weight = module.base_layer.weight.detach()
        assert not (b @ a).abs().max() > 1e-5 * weight.abs().max()
        rest = weight - module.scaling["default"] * b[:, :8] @ a[:8]
        values = np.linalg.svd(weight.numpy(), compute_uv=False)
        found = np.linalg.svd(rest.numpy(), compute_uv=False)
        assert found[: len(values) - 8] == pytest.approx(values[8:], abs=1e-5)


def test_pissa_has_the_gradients_of_peft_s_and_its_fixed_half_none(tiny_base):
    ours = moved(base_model.load(tiny_base, recipe_of(init_lora_weights="pissa")))
    theirs = peft_of(tiny_base, init_lora_weights="pissa")
    mine = dict(ours.named_parameters())
    for name, parameter in base_model.trainable(theirs).items():
        parameter.data = mine[name].data[:8] if "lora_A" in name else mine[name].data[:, :8]
    loss, found = gradients(ours, base_model.hidden_states)
    other, wanted = gradients(theirs, base_model.reference_states)
    assert loss == pytest.approx(other, rel=1e-4)
    for name, gradient in wanted.items():
        live, fixed = (
            (found[name][:8], found[name][8:]) if "lora_A" in name
            else (found[name][:, :8], found[name][:, 8:])
        )  # fmt: skip
        torch.testing.assert_close(live, gradient, rtol=1e-3, atol=1e-5)
        assert not fixed.any()


def test_pissa_s_fixed_half_stays_through_steps(tiny_base):
    recipe = recipe_of(init_lora_weights="pissa", lr=0.01)
    model = base_model.load(tiny_base, recipe)
    parameters = base_model.trainable(model)
    before = {name: p.detach().clone() for name, p in parameters.items()}
    optimiser = optimiser_of(parameters, recipe)
    for _ in range(2):
        gradients(model, base_model.hidden_states)
        optimiser.step()
    for name, parameter in parameters.items():
        cut = (slice(8, None),) if "lora_A" in name else (slice(None), slice(8, None))
        assert torch.equal(parameter[cut], before[name][cut])
        assert not torch.equal(parameter, before[name])
    with pytest.raises(BadRecipe, match="PiSSA's fixed part"):
        recipe_of(init_lora_weights="pissa", weight_decay=0.1)


def test_lora_plus_moves_b_by_its_own_rate(tiny_base):
    """arXiv:2402.12354: eta_B = lambda * eta_A. Adam's first step is the rate, whatever the
    gradient's size."""
    recipe = recipe_of(lr=1e-3, lr_b_ratio=16.0)
    model = moved(base_model.load(tiny_base, recipe))
    parameters = base_model.trainable(model)
    before = {name: p.detach().clone() for name, p in parameters.items()}
    optimiser = optimiser_of(parameters, recipe)
    gradients(model, base_model.hidden_states)
    for group in optimiser.param_groups:
        group["lr"] = recipe.lr * group["ratio"]
    optimiser.step()
    for name, parameter in parameters.items():
        step = (parameter - before[name]).abs().max().item()
        assert step == pytest.approx(1.6e-2 if "lora_B" in name else 1e-3, rel=1e-2)


def test_the_top_half_alone_is_adapted(tiny_base):
    model = base_model.load(tiny_base, recipe_of(layers="top-half"))
    assert {name.split(".layers.")[1][0] for name in base_model.trainable(model)} == {"1"}
