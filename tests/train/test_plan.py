"""Plans: sizes against published models, and a refusal that says what would help."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from lemmata.errors import BadRecipe, ModelRefused
from lemmata.train import plan
from lemmata.train.plan import GIB, Shape
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row

VIBETHINKER = Shape(28, 1536, 8960, 12, 2, 128, 151_936, tied=True)
RECIPE = from_fields({"name": "a", "data": "x", "rows_per_step": 4, "epochs": 2})
ROWS = [Row(tuple(range(100)), 40, (0,) * 60) for _ in range(10)]
QV = ("q_proj", "v_proj")


def test_the_sizes_are_those_of_the_published_model():
    assert VIBETHINKER.adapted(8, QV) == 1_089_536
    # 1.544 B with the biases of q, k and v, which are no part of the plan
    assert VIBETHINKER.parameters == pytest.approx(1.544e9, rel=1e-3)


def test_a_tiny_model_has_exactly_the_planned_weights(tiny_base):
    from safetensors import safe_open

    shape = plan.read_shape(tiny_base)
    with safe_open(tiny_base / "model.safetensors", "np") as file:
        weights = sum(file.get_tensor(name).size for name in file.keys())  # noqa: SIM118
    assert shape.parameters == weights


def test_tokens_and_steps_are_those_that_run():
    made = plan.make(RECIPE, ROWS, VIBETHINKER, "bf16", rate=1e12)
    assert (made.rows, made.steps, made.longest) == (10, 6, 100)
    assert made.label_tokens == 2 * 10 * 60
    # The 39 tokens that all rows share run once a pack; steps of 4, 4 and 2 rows are one pack each.
    assert made.tokens == 2 * (10 * 100 - (3 + 3 + 1) * 39)


def test_lora_of_a_1_5b_model_in_bf16_and_nf4_fits_24_gb_and_fp32_at_8k_does_not():
    recipe = replace(RECIPE, pack_tokens=4096)
    rows = [Row(tuple(range(number, number + 4000)), 3000, (0,) * 1000) for number in range(8)]
    bf16 = plan.make(recipe, rows, VIBETHINKER, "bf16", 1e13)
    nf4 = plan.make(recipe, rows, VIBETHINKER, "nf4", 1e13)
    fp32 = plan.make(replace(recipe, pack_tokens=8192), rows, VIBETHINKER, "fp32", 1e13)
    for made in (bf16, nf4):
        plan.check_fits(made, 24 * GIB)
    assert nf4.memory.base < 0.5 * bf16.memory.base
    with pytest.raises(BadRecipe, match="pack_tokens"):
        plan.check_fits(fp32, 24 * GIB)
    with pytest.raises(BadRecipe, match="smaller base"):
        plan.check_fits(bf16, 2 * GIB)


def test_an_unknown_module_is_refused():
    with pytest.raises(BadRecipe, match="no module 'wq'"):
        VIBETHINKER.adapted(8, ("wq",))


def test_a_plan_is_in_the_recipe_s_own_precision():
    for fields, wanted in (
        ({}, "fp32"), ({"precision": "bf16"}, "bf16"), ({"quantisation": "nf4"}, "nf4")
    ):  # fmt: skip
        assert plan.precision_of(replace(RECIPE, **fields)) == wanted


@pytest.mark.parametrize("text", ["", "{}", '{"hidden_size": "a"}', "[1]"])
def test_a_broken_config_is_a_refused_model(text, tmp_path):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelRefused):
        plan.read_shape(tmp_path)


def test_a_plan_is_made_without_torch():
    code = "import sys; from lemmata.train import plan, samples; print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.mark.train
@pytest.mark.model
def test_the_activations_are_what_the_layers_keep(tiny_base):
    """All buffers that the backward pass will read, counted once each."""
    import torch

    from lemmata.train import base_model, batch

    model = base_model.load(tiny_base, RECIPE).train()
    packed = batch.pack([Row(tuple(range(10, 410)), 200, (0,) * 200)])
    node = base_model.hidden_states(model, packed).grad_fn
    kept: dict[int, int] = {}

    def keep(value):
        if isinstance(value, torch.Tensor):
            kept[value.untyped_storage().data_ptr()] = value.untyped_storage().nbytes()
        elif isinstance(value, (list, tuple)):
            for one in value:
                keep(one)
        elif value is not None:
            keep(value.keep)

    nodes = [node]
    while nodes:
        one = nodes.pop()
        keep(getattr(one, "kept", None))
        nodes += [after for after, _ in one.next_functions if after is not None]
    told = plan.memory(plan.read_shape(tiny_base), 0, 400, 0, "fp32").activations
    assert sum(kept.values()) == pytest.approx(told, rel=0.1), kept


def test_the_top_half_keeps_and_trains_half_and_pissa_twice_the_rank():
    whole = plan.make(RECIPE, ROWS, VIBETHINKER, "bf16", rate=1e12)
    half = plan.make(replace(RECIPE, layers="top-half"), ROWS, VIBETHINKER, "bf16", rate=1e12)
    double = plan.make(replace(RECIPE, init_lora_weights="pissa"), ROWS, VIBETHINKER, "bf16", 1e12)
    assert half.memory.activations * 2 == whole.memory.activations
    assert (half.trainable * 2, double.trainable) == (whole.trainable, 2 * whole.trainable)
    assert 0.5 < half.seconds / whole.seconds < 0.9
    forgetful = replace(RECIPE, layers="top-half", cache_gib=0.0, epochs=8)
    kept = replace(forgetful, cache_gib=8.0)
    without = plan.make(forgetful, ROWS, VIBETHINKER, "bf16", rate=1e12)
    assert plan.make(kept, ROWS, VIBETHINKER, "bf16", rate=1e12).seconds < without.seconds


def test_lora_of_a_1_5b_model_at_8k_fits_24_gb():
    recipe = replace(RECIPE, pack_tokens=8192)
    rows = [Row(tuple(range(number, number + 8000)), 3000, (0,) * 5000) for number in range(8)]
    for precision in ("bf16", "nf4"):
        plan.check_fits(plan.make(recipe, rows, VIBETHINKER, precision, 1e13), 24 * GIB)
