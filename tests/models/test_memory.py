"""Conversions hold a slice of one tensor, never the model."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from lemmata.models import gguf_to_hf, hf_to_gguf
from lemmata.models.gguf_metadata import About

pytestmark = pytest.mark.model
MOST = 200 << 20
"""Bytes; the model has 540 MB in float32, its largest tensor 113 MB."""


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_to_gguf(default_hf_dir, tmp_path):
    about = About("m", "Org/M")
    target = tmp_path / "m.gguf"
    assert _peak(lambda: hf_to_gguf.convert(default_hf_dir, target, "q8_0", about)) < MOST


def test_to_safetensors(default_model, tmp_path):
    assert _peak(lambda: gguf_to_hf.convert(default_model.gguf, tmp_path)) < MOST
