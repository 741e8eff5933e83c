"""The rate of matrix products: measured, whatever the machine has."""

from __future__ import annotations

import sys

import pytest

from lemmata.train import rate
from lemmata.train.plan import Shape

SMALL = Shape(2, 64, 96, 4, 2, 16, 512, tied=True)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "nf4"])
def test_a_rate_is_measured_for_every_precision(precision, monkeypatch):
    monkeypatch.setattr(rate, "_SECONDS", 0.0)
    assert rate.of_products(SMALL, 8, precision) > 0


def test_without_torch_bf16_is_planned_at_the_rate_of_float32(monkeypatch):
    monkeypatch.setattr(rate, "_SECONDS", 0.0)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert rate.of_products(SMALL, 8, "bf16") > 0
