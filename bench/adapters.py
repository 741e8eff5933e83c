"""Adapters for benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lemmata.adapters import canonical, fingerprint
from lemmata.adapters.manifest import Manifest
from lemmata.types import AdapterRef


def random_adapter(folder: Path, gguf: Path, seed: int) -> AdapterRef:
    """Rank 8 on q and v, small: the cost of an adapter does not depend on what it learnt."""
    draw, header = np.random.default_rng(seed), fingerprint.header(gguf)
    tensors = {}
    for name, tensor in header.tensors.items():
        for letter in ("q", "v"):
            if name.endswith(f"attn_{letter}.weight"):
                rows, columns = tensor.shape
                layer = name.split(".")[1]
                key = f"base_model.model.model.layers.{layer}.self_attn.{letter}_proj"
                tensors[f"{key}.lora_A.weight"] = draw.normal(0, 0.02, (8, columns))
                tensors[f"{key}.lora_B.weight"] = draw.normal(0, 0.02, (rows, 8))
    return canonical.save(folder, tensors, rank=8, alpha=16, about=Manifest())
