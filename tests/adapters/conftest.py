from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest

from lemmata.adapters import canonical, safetensors_file
from lemmata.adapters.manifest import Manifest
from lemmata.adapters.weights import collect

HIDDEN, HEADS, KV_HEADS, LAYERS = 32, 4, 2, 2
OUT = {"q_proj": HIDDEN, "v_proj": HIDDEN // 2, "k_proj": HIDDEN // 2}


def random_tensors(rank=4, parts=("q_proj", "v_proj"), seed=0, layers=LAYERS):
    draw = np.random.default_rng(seed)
    tensors = {}
    for layer in range(layers):
        for part in parts:
            key = f"base_model.model.model.layers.{layer}.self_attn.{part}"
            tensors[f"{key}.lora_A.weight"] = draw.normal(size=(rank, HIDDEN)).astype("f4")
            tensors[f"{key}.lora_B.weight"] = draw.normal(size=(OUT[part], rank)).astype("f4")
    return tensors


@pytest.fixture
def make(tmp_path):
    """Write a canonical adapter; keyword arguments go to random_tensors."""

    def write(name="one", alpha=16.0, dtype="F32", **how):
        rank = how.get("rank", 4)
        return canonical.save(
            tmp_path / name,
            random_tensors(**how),
            rank=rank,
            alpha=alpha,
            about=Manifest(base="some/base", description="a test"),
            dtype=dtype,
        )

    return write


@pytest.fixture
def foreign(tmp_path):
    """Write a folder as another tool would: any tensors, any configuration."""

    def write(tensors=None, name="foreign", **fields):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        weights = collect(tensors or random_tensors(), "F32")
        safetensors_file.write(folder / canonical.WEIGHTS, weights)
        plain = {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": "some/base",
            "r": 4,
            "lora_alpha": 16,
            "target_modules": ["q_proj", "v_proj"],
            "bias": "none",
        }
        (folder / canonical.CONFIG).write_text(json.dumps(plain | fields))
        return folder

    return write


@pytest.fixture
def base_gguf(tmp_path):
    """A tiny base model file; `architecture` is "llama" or "qwen2"."""

    def write(architecture="llama", hidden=HIDDEN, norm=1.0) -> Path:
        path = tmp_path / f"{architecture}-{hidden}-{norm}.gguf"
        writer = gguf.GGUFWriter(str(path), architecture)
        writer.add_head_count(HEADS)
        writer.add_head_count_kv(KV_HEADS)
        for layer in range(LAYERS):
            for name, rows in (
                ("attn_q", hidden),
                ("attn_v", hidden // 2),
                ("attn_k", hidden // 2),
            ):
                writer.add_tensor(f"blk.{layer}.{name}.weight", np.zeros((rows, hidden), "f2"))
        writer.add_tensor("output_norm.weight", np.full(hidden, norm, "f4"))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return write
