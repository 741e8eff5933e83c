"""GGUF → a Hugging Face folder that transformers loads without a network, so it can be tuned.

Weights are dequantised one tensor at a time; what libllama computes with is what torch then
computes with, exactly so in float32.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf import quants
from gguf.constants import GGMLQuantizationType

from lemmata.errors import ModelRefused
from lemmata.models import (
    architecture_gguf,
    architecture_hf,
    gguf_read,
    safetensors_file,
    tensor_names,
    vocabulary_gguf,
    vocabulary_to_hf,
)
from lemmata.models.architecture import Architecture
from lemmata.models.gguf_header import Header
from lemmata.models.progress import Progress, silent
from lemmata.models.vocabulary import Vocabulary

_TORCH = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_EXACT = {GGMLQuantizationType.F16: "F16", GGMLQuantizationType.BF16: "BF16"}

_SLICE = 1 << 23
"""Elements converted at once: 32 MiB as float32."""


def exact_dtype(header: Header) -> str:
    """The smallest dtype that holds every matrix of this file without rounding."""
    kinds = {info.type for info in header.tensors.values() if len(info.shape) > 1}
    return _EXACT.get(kinds.pop(), "F32") if len(kinds) == 1 else "F32"


def convert(gguf: Path, folder: Path, dtype: str | None = None, progress: Progress = silent) -> str:
    """Fill `folder` (which must exist). `dtype`: F32, F16, BF16; None: `exact_dtype`. Gives it.

    Raises ModelRefused where the file is damaged or of a family we do not serve.
    """
    header = gguf_read.validated(gguf)
    shape = architecture_gguf.architecture(header)
    vocabulary = vocabulary_gguf.vocabulary(header, shape.vocabulary)
    dtype = dtype or exact_dtype(header)
    names = {name: _hf_name(header, name) for name in header.tensors if name != "rope_freqs.weight"}
    shapes = {hf: header.tensors[name].shape for name, hf in names.items()}
    _write_config(folder, shape, vocabulary, set(shapes), _TORCH[dtype])
    vocabulary_to_hf.write(vocabulary, folder, shape.context)
    with (folder / "model.safetensors").open("wb") as file:
        tensors = _tensors(header, shape, list(names), progress)
        safetensors_file.write(file, shapes, dtype, tensors)
    return dtype


def _hf_name(header: Header, name: str) -> str:
    found = tensor_names.to_hf(name)
    if found is None:
        raise ModelRefused(f"{header.path.name} holds a tensor that the family lacks: {name}")
    return found


def _tensors(
    header: Header, shape: Architecture, names: list[str], progress: Progress
) -> Iterator[npt.NDArray[np.float32]]:
    for done, name in enumerate(names, start=1):
        yield from load(header, shape, name)
        progress("converting to safetensors", done, len(names))


def load(header: Header, shape: Architecture, name: str) -> Iterator[npt.NDArray[np.float32]]:
    """One tensor as float32 in Hugging Face's shape and row order, some rows at a time; one whose
    rows move comes whole (those are the small ones)."""
    info, raw = header.tensors[name], header.raw(name)
    if shape.family == "llama" and tensor_names.rotary(name):
        heads = shape.heads if ".attn_q." in name else shape.kv_heads
        values = quants.dequantize(raw, info.type).reshape(info.shape)
        yield tensor_names.deinterleave(values, heads)
        return
    step = max(1, _SLICE // info.shape[-1])
    for start in range(0, len(raw), step):
        yield quants.dequantize(raw[start : start + step], info.type)


def _write_config(
    folder: Path, shape: Architecture, vocabulary: Vocabulary, names: set[str], dtype: str
) -> None:
    ids: dict[str, Any] = {
        f"{name}_token_id": vocabulary.special[name]
        for name in ("bos", "eos", "pad")
        if name in vocabulary.special
    }
    config = architecture_hf.config(shape, names, dtype) | ids
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (folder / "generation_config.json").write_text(json.dumps(ids, indent=1), encoding="utf-8")
