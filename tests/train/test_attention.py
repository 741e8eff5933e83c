"""Attention of packed rows: both ways agree, and rows do not see each other."""

from __future__ import annotations

import pytest
import torch

from lemmata.train import attention_scores
from lemmata.train.attention import Bounds, ByAutograd, RowByRow, rotate, row_by_row

pytestmark = pytest.mark.train

HEADS = (6, 2, 8)
WIDTH = (6 + 2 + 2) * 8


def bounds_of(shared, sizes):
    return Bounds.of(
        torch.tensor([0] * shared + [n for n, s in enumerate(sizes, 1) for _ in range(s)])
    )


@pytest.mark.parametrize("shared", [0, 3])
def test_the_gpu_s_way_and_the_cpu_s_give_the_same_states_and_gradients(shared):
    torch.manual_seed(0)
    bounds = bounds_of(shared, [5, 1, 7])
    qkv, dout = torch.randn(shared + 13, WIDTH), torch.randn(shared + 13, 48)
    found = []
    for way in (RowByRow(bounds), ByAutograd(bounds, row_by_row)):
        out, kept = way.forward(qkv, HEADS)
        found.append((out, way.backward(dout, qkv, out, kept, HEADS)))
    for mine, other in zip(*found, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shared", [0, 3])
def test_by_scores_in_bf16_it_is_as_near_to_float32_as_flash_attention_is(shared, monkeypatch):
    torch.manual_seed(0)
    bounds = bounds_of(shared, [5, 1, 70])
    qkv, dout = torch.randn(shared + 76, WIDTH), torch.randn(shared + 76, 48)

    def run(dtype):
        way = RowByRow(bounds)
        out, kept = way.forward(qkv.to(dtype), HEADS)
        return out, way.backward(dout.to(dtype), qkv.to(dtype), out, kept, HEADS)

    exact, by_scores = run(torch.float32), run(torch.bfloat16)
    monkeypatch.setattr(attention_scores, "LONGEST", 0)
    flash = run(torch.bfloat16)
    for wanted, mine, other in zip(exact, by_scores, flash, strict=True):
        assert mine.dtype == torch.bfloat16
        assert (mine - wanted).norm() < 1.5 * (other - wanted).norm() < 0.02 * wanted.norm()


def test_a_row_in_a_pack_has_the_states_of_the_row_alone():
    torch.manual_seed(0)
    bounds, qkv = bounds_of(2, [4, 6]), torch.randn(12, WIDTH)
    packed, _ = RowByRow(bounds).forward(qkv, HEADS)
    alone = torch.cat([qkv[:2], qkv[6:]])
    out, _ = RowByRow(bounds_of(0, [8])).forward(alone, HEADS)
    torch.testing.assert_close(packed[6:], out[2:], rtol=1e-5, atol=1e-6)


def test_rotation_turns_back():
    torch.manual_seed(0)
    qkv, angle = torch.randn(9, WIDTH), torch.rand(9, 4)
    turned = qkv.clone()
    rotate(turned, HEADS, angle.cos(), angle.sin())
    assert not torch.allclose(turned[:, :64], qkv[:, :64])
    assert torch.equal(turned[:, 64:], qkv[:, 64:])
    rotate(turned, HEADS, angle.cos(), -angle.sin())
    torch.testing.assert_close(turned, qkv)
