"""The hand-written layer against transformers with PEFT: same states, same gradients."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from lemmata.train import base_model, batch, decoder
from lemmata.train.layer import Context, _mask
from lemmata.train.objectives import token_nll
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row

pytestmark = pytest.mark.train

ALL = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
SIZES = {
    "vocab_size": 60, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
}  # fmt: skip
SHARED = [
    Row((1, 2, 3, 10, 11, 40, 41, 2), 5, (0, 1, 1)),
    Row((1, 2, 3, 12, 42, 2), 4, (0, 0)),
    Row((1, 2, 3, 10, 13, 14, 43, 44, 45, 2), 6, (0, 0, 1, 2)),
]
APART = [Row((1, 2, 9, 4, 5), 2, (0, 0, 0)), Row((7, 2, 3, 12, 42, 2), 4, (0, 0))]


def _llama():
    return LlamaForCausalLM(LlamaConfig(**SIZES))


def _llama_3():
    """Scaled rotary positions, a head wider than hidden / heads, biases everywhere."""
    scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "rope_theta": 1e4,
               "high_freq_factor": 4.0, "original_max_position_embeddings": 32}  # fmt: skip
    config = LlamaConfig(
        **SIZES, head_dim=16, rope_parameters=scaling, attention_bias=True, mlp_bias=True
    )
    return LlamaForCausalLM(config)


def _qwen2():
    return Qwen2ForCausalLM(Qwen2Config(**SIZES, tie_word_embeddings=True))


@pytest.fixture(params=[_llama, _llama_3, _qwen2])
def base(request, tmp_path):
    torch.manual_seed(3)
    model = request.param()
    for name, parameter in model.named_parameters():
        if "norm" in name or "bias" in name:
            torch.nn.init.normal_(parameter, 1.0 if "norm" in name else 0.0, 0.2)
    model.save_pretrained(tmp_path)
    return tmp_path


def tuned(folder, modules, **fields):
    """A model whose adapters do something."""
    recipe = {"name": "t", "data": "x", "lora_dropout": 0.0, "target_modules": list(modules)}
    model = base_model.load(folder, from_fields(recipe | fields))
    for name, parameter in base_model.trainable(model).items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    return model.train()


def gradients(model, rows, states_of):
    model.zero_grad()
    packed = batch.pack(rows)
    states = states_of(packed)
    token_nll(states, base_model.head(model), packed.labels).sum().backward()
    found = {name: p.grad.clone() for name, p in base_model.trainable(model).items()}
    return states.detach(), found


def assert_same(model, rows):
    states, found = gradients(model, rows, lambda pack: base_model.reference_states(model, pack))
    fast = decoder.of(model)
    ours, own = gradients(model, rows, fast)
    torch.testing.assert_close(ours, states, rtol=1e-4, atol=1e-5)
    for name, gradient in found.items():
        assert gradient.abs().max() > 0, name
        torch.testing.assert_close(own[name], gradient, rtol=1e-3, atol=1e-5, msg=name)


@pytest.mark.parametrize("modules", [("q_proj", "v_proj"), ALL, ("o_proj", "up_proj")])
@pytest.mark.parametrize("rows", [SHARED, APART], ids=["shared", "apart"])
def test_states_and_gradients_are_those_of_the_reference(base, modules, rows):
    assert_same(tuned(base, modules), rows)


def test_nothing_is_held_twice(base):
    """The model's own linears are views of the joined matrices."""
    model = tuned(base, ("q_proj", "v_proj"))
    fast = decoder.of(model)
    attention = model.get_base_model().model.layers[0].self_attn
    joined = fast._layers[0].layer.qkv.frozen.weight.untyped_storage().data_ptr()
    for module in (attention.q_proj.base_layer, attention.k_proj, attention.v_proj.base_layer):
        assert module.weight.untyped_storage().data_ptr() == joined
    assert decoder.of(model) is fast


@pytest.mark.parametrize("off", [False, True])
def test_without_gradients_and_with_the_adapter_off_it_still_agrees(base, off):
    model, packed = tuned(base, ("q_proj", "v_proj")), batch.pack(SHARED)
    with torch.no_grad(), model.disable_adapter() if off else nullcontext():
        reference = base_model.reference_states(model, packed)
        ours = base_model.hidden_states(model, packed)
    torch.testing.assert_close(ours, reference, rtol=1e-4, atol=1e-5)


def test_dropout_is_a_pure_function_of_its_seed_and_only_in_training(base):
    model, packed = tuned(base, ALL, lora_dropout=0.3), batch.pack(SHARED)
    first, again, other = (base_model.hidden_states(model, packed, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    model.eval()
    torch.testing.assert_close(
        base_model.hidden_states(model, packed),
        base_model.reference_states(model, packed), rtol=1e-4, atol=1e-5,
    )  # fmt: skip


def test_dropout_keeps_its_share_and_the_expectation(base):
    """A kept input counts 1 / (1 - p), so that the expectation is that without dropout."""
    model = tuned(base, ("q_proj",), lora_dropout=0.25)
    group = decoder.of(model)._layers[0].layer.qkv
    shared = Context(None, None, None, 0.25, torch.Generator().manual_seed(0))
    mask = _mask(group, torch.empty(5000, 32), shared)
    assert mask.keep.float().mean().item() == pytest.approx(0.75, abs=0.005)
    assert mask.up == pytest.approx(1 / 0.75)


def test_dropout_gradients_are_those_of_finite_differences(base):
    """One seed, one mask: the loss is then a smooth function of the adapters' weights."""
    model = tuned(base, ("q_proj", "down_proj"), lora_dropout=0.3).double()
    fast, packed = decoder.of(model), batch.pack(APART)

    def loss():  # without the library's last norm, which rounds to float32
        return fast.run(fast.embed(packed.ids), packed, range(3), seed=5).sin().sum()

    loss().backward()
    for name, parameter in base_model.trainable(model).items():
        length, start = parameter.grad.norm(), parameter.data.clone()
        ends = []
        for step in (1e-5, -1e-5):
            parameter.data = start + step * parameter.grad / length
            ends.append(loss().item())
        parameter.data = start
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(length.item(), rel=1e-4), name


def test_in_bf16_it_is_as_near_to_float32_as_the_reference_is(base):
    """The precision of GPUs: the adapters stay in float32, the states are bf16."""
    exact = tuned(base, ("q_proj", "v_proj"))
    wanted, _ = gradients(exact, SHARED, lambda pack: base_model.hidden_states(exact, pack))
    model = tuned(base, ("q_proj", "v_proj"))
    model.load_state_dict(exact.state_dict())
    model.get_base_model().to(torch.bfloat16)
    for parameter in base_model.trainable(model).values():
        parameter.data = parameter.data.float()
    for name, parameter in exact.named_parameters():
        if "lora" in name:
            dict(model.named_parameters())[name].data.copy_(parameter.data)
    ours, found = gradients(model, SHARED, decoder.of(model))
    assert ours.dtype == torch.bfloat16
    assert all(one.dtype == torch.float32 for one in found.values())
    scale = wanted.abs().max()
    assert (ours.float() - wanted).abs().max() < 0.05 * scale


def test_another_family_goes_the_library_s_way(base):
    model = tuned(base, ("q_proj", "v_proj"))
    model.get_base_model().config.hidden_act = "gelu"
    assert decoder.of(model) is None
