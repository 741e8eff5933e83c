import os
import time

import gguf
import numpy as np
import pytest

from lemmata.adapters import canonical, fingerprint, gguf_lora
from lemmata.adapters.manifest import Manifest
from lemmata.errors import AdapterRefused

from .conftest import random_tensors


def tensors(path):
    return {tensor.name: tensor.data for tensor in gguf.GGUFReader(path).tensors}


def test_qwen2_only_renames(make, base_gguf, tmp_path):
    ref = make(parts=("q_proj", "k_proj"))
    found = tensors(gguf_lora.convert(ref, base_gguf("qwen2"), tmp_path))
    for part in canonical.read(ref.path).weights.projections:
        name = f"blk.{part.layer}.attn_{part.part[-6]}.weight"
        np.testing.assert_array_equal(found[f"{name}.lora_a"], part.a)
        np.testing.assert_array_equal(found[f"{name}.lora_b"], part.b)


def test_llama_reorders_the_rows_of_q_and_k_only(make, base_gguf, tmp_path):
    ref = make(parts=("q_proj", "k_proj", "v_proj"))
    found = tensors(gguf_lora.convert(ref, base_gguf("llama"), tmp_path))
    heads = {"q": 4, "k": 2}
    for part in canonical.read(ref.path).weights.projections:
        letter = part.part[-6]
        rows = np.arange(part.b.shape[0])
        if (
            letter in heads
        ):  # HF pairs row i with i + size/2; GGUF's llama puts the two side by side
            size = len(rows) // heads[letter]
            rows = np.array([
                head * size + half * size // 2 + i
                for head in range(heads[letter]) for i in range(size // 2) for half in (0, 1)
            ])  # fmt: skip
        name = f"blk.{part.layer}.attn_{letter}.weight.lora_b"
        np.testing.assert_array_equal(found[name], part.b[rows])


def test_it_is_written_once_and_whole(make, base_gguf, tmp_path, monkeypatch):
    ref, base = make(), base_gguf()
    first = gguf_lora.convert(ref, base, tmp_path / "cache")
    stamp = first.stat().st_mtime_ns
    assert gguf_lora.convert(ref, base, tmp_path / "cache").stat().st_mtime_ns == stamp
    first.unlink()

    def full(source, target):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        gguf_lora.convert(ref, base, tmp_path / "cache")
    assert not list(first.parent.iterdir())


def test_another_base_is_refused(make, base_gguf, tmp_path):
    ref = make()
    with pytest.raises(AdapterRefused, match="another base"):
        gguf_lora.convert(ref, base_gguf(hidden=64), tmp_path)
    with pytest.raises(AdapterRefused, match="another base"):
        gguf_lora.convert(make("deep", layers=3), base_gguf(), tmp_path)
    with pytest.raises(AdapterRefused, match="trained on some/base"):
        gguf_lora.check_base(ref, "other/base")
    gguf_lora.check_base(ref, "Some/Base")


def test_other_weights_of_the_same_shape_are_refused(base_gguf, tmp_path):
    ours, other = base_gguf(norm=1.0), base_gguf(norm=1.5)
    about = Manifest(base="some/base", base_fingerprint=fingerprint.of_gguf(ours))
    ref = canonical.save(tmp_path / "x", random_tensors(), rank=4, alpha=8, about=about)
    gguf_lora.convert(ref, ours, tmp_path)
    with pytest.raises(AdapterRefused, match="other weights"):
        gguf_lora.convert(ref, other, tmp_path)


def test_a_folder_that_changed_is_refused(make, base_gguf, tmp_path):
    ref = make()
    make(seed=5)
    with pytest.raises(AdapterRefused, match="changed"):
        gguf_lora.convert(ref, base_gguf(), tmp_path)


def test_conversion_takes_milliseconds(make, base_gguf, tmp_path):
    ref, base = make(), base_gguf()
    fingerprint.header(base)
    start = time.perf_counter()
    gguf_lora.convert(ref, base, tmp_path)
    assert time.perf_counter() - start < 0.2
