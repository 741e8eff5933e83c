"""Both libraries compute the same products, and which one is used follows from the processor."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lemmata.train import base_model, batch, products
from lemmata.train.objectives import token_nll
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch has no oneDNN"),
]

ROWS = [
    Row((1, 2, 3, 10, 11, 40, 41, 2), 5, (0, 0, 0)),
    Row((9, 8, 7, 50, 51, 52, 53, 54, 55, 56, 57, 2), 3, (0,) * 9),
]


@pytest.fixture
def use(monkeypatch):
    """Take one of them, whatever the processor."""
    return lambda onednn: monkeypatch.setattr(products, "by_onednn", lambda: onednn)


@pytest.mark.parametrize("onednn", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("rows", [1, 7, 200])
def test_products_are_float32_s(onednn, with_bias, rows, use):
    use(onednn)
    torch.manual_seed(0)
    x, weight = torch.randn(rows, 96), torch.randn(80, 96)
    bias = torch.randn(80) if with_bias else None
    exact = x.double() @ weight.double().T + (bias.double() if with_bias else 0)
    torch.testing.assert_close(products.forward(x, weight, bias), exact.float(), rtol=0, atol=5e-5)
    dy = torch.randn(rows, 80)
    back = (dy.double() @ weight.double()).float()
    torch.testing.assert_close(products.backward(dy, weight), back, rtol=0, atol=5e-5)


def test_other_precisions_are_torch_s_own(use):
    use(onednn=True)
    x, weight = torch.randn(3, 8).bfloat16(), torch.randn(4, 8).bfloat16()
    assert torch.equal(products.forward(x, weight, None), x @ weight.T)
    assert torch.equal(products.backward(x[:, :4], weight), x[:, :4] @ weight)


@pytest.mark.model
def test_losses_and_gradients_agree_and_repeat_to_the_bit(tiny_base, use):
    model = base_model.load(tiny_base, from_fields({"name": "t", "data": "x", "lora_dropout": 0}))
    for name, parameter in base_model.trainable(model).items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    packed = batch.pack(ROWS)

    def run(onednn):
        use(onednn)
        model.zero_grad()
        states = base_model.hidden_states(model, packed)
        loss = token_nll(states, base_model.head(model), packed.labels).sum()
        loss.backward()
        return loss.detach(), [p.grad.clone() for p in base_model.trainable(model).values()]

    (loss, grads), (same, again), (other, others) = run(True), run(True), run(False)
    assert torch.equal(loss, same)
    assert all(torch.equal(one, two) for one, two in zip(grads, again, strict=True))
    torch.testing.assert_close(loss, other, rtol=1e-6, atol=1e-5)
    for one, two in zip(grads, others, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("vendor", "capability", "wanted"),
    [
        ("AuthenticAMD", "AVX512", True),
        ("AuthenticAMD", "AVX2", False),
        ("GenuineIntel", "AVX512", False),
    ],
)
def test_the_processor_decides(vendor, capability, wanted, monkeypatch, tmp_path: Path):
    told = tmp_path / "cpuinfo"
    told.write_text(f"processor\t: 0\nvendor_id\t: {vendor}\n")
    monkeypatch.setattr(products, "CPUINFO", told)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: True)
    products.by_onednn.cache_clear()
    assert products.by_onednn() is wanted
    products.by_onednn.cache_clear()
