"""A Hugging Face folder → GGUF, a slice of a tensor at a time, so that memory stays small.

Matrices take the precision asked for; norms and biases stay float32, as libllama wants them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO, Literal

import gguf
import numpy as np
import numpy.typing as npt
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from lemmata.errors import ModelRefused
from lemmata.models import (
    architecture_hf,
    gguf_metadata,
    hf_folder,
    safetensors_file,
    tensor_names,
    vocabulary_from_hf,
)
from lemmata.models.architecture import Architecture
from lemmata.models.architecture_gguf import expected_shapes
from lemmata.models.gguf_metadata import About
from lemmata.models.progress import Progress, silent
from lemmata.models.safetensors_file import Stored

Precision = Literal["f32", "f16", "bf16", "q8_0"]
PRECISIONS: tuple[Precision, ...] = ("f32", "f16", "bf16", "q8_0")
_TYPES = {
    "f32": GGMLQuantizationType.F32,
    "f16": GGMLQuantizationType.F16,
    "bf16": GGMLQuantizationType.BF16,
    "q8_0": GGMLQuantizationType.Q8_0,
}
_ALIGNMENT = gguf.GGUF_DEFAULT_ALIGNMENT
_SLICE = 1 << 23
"""Elements converted at once: 32 MiB as float32."""


@dataclass(frozen=True, slots=True)
class _Planned:
    name: str
    shape: tuple[int, ...]
    type: GGMLQuantizationType
    source: Stored | npt.NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        block, size = GGML_QUANT_SIZES[self.type]
        return prod(self.shape) // int(block) * int(size)


def convert(
    folder: Path, target: Path, precision: Precision, about: About, progress: Progress = silent
) -> None:
    """Write `target`. Raises ModelRefused where the folder is not a whole model of our families."""
    shape = architecture_hf.architecture(hf_folder.read_json(folder / "config.json"))
    vocabulary = vocabulary_from_hf.vocabulary(folder, shape.vocabulary)
    plan = _plan(folder, shape, precision)
    writer = gguf.GGUFWriter(target, shape.family)
    gguf_metadata.add(writer, about, shape, vocabulary, precision)
    for tensor in plan:
        # Only float32's own shape is taken as it is: bytes would be read as quantised rows.
        kind = np.dtype(np.float32)
        writer.add_tensor_info(tensor.name, tensor.shape, kind, tensor.nbytes, tensor.type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    _append(target, plan, shape, progress)


def _plan(folder: Path, shape: Architecture, precision: Precision) -> list[_Planned]:
    found = _found(folder, shape)
    wanted = expected_shapes(shape)
    for name, size in wanted.items():
        if name not in found:
            raise ModelRefused(f"the model lacks the tensor {tensor_names.to_hf(name)}")
        if found[name].shape != size:
            raise ModelRefused(f"{tensor_names.to_hf(name)} is {found[name].shape}, not {size}")
    plan = [
        _Planned(name, stored.shape, _type(stored.shape, precision), stored)
        for name, stored in sorted(found.items())
    ]
    if shape.rope_scaling is not None and shape.rope_scaling.type == "llama3":
        divisors = shape.divisors()
        plan.append(
            _Planned("rope_freqs.weight", divisors.shape, GGMLQuantizationType.F32, divisors)
        )
    return plan


def _found(folder: Path, shape: Architecture) -> dict[str, Stored]:
    """The tensors by GGUF name; a tied output projection stored twice is stored once."""
    found: dict[str, Stored] = {}
    for path in hf_folder.weights(folder):
        for hf_name, stored in safetensors_file.read(path).items():
            if hf_name.endswith("rotary_emb.inv_freq") or (
                shape.tied and hf_name == "lm_head.weight"
            ):
                continue
            name = tensor_names.to_gguf(hf_name)
            if name is None:
                raise ModelRefused(f"the model holds a tensor that the family lacks: {hf_name}")
            found[name] = stored
    return found


def _type(shape: tuple[int, ...], precision: Precision) -> GGMLQuantizationType:
    if len(shape) == 1:
        return GGMLQuantizationType.F32
    block, _ = GGML_QUANT_SIZES[_TYPES[precision]]
    return _TYPES[precision] if shape[-1] % block == 0 else GGMLQuantizationType.F16


def _append(target: Path, plan: list[_Planned], shape: Architecture, progress: Progress) -> None:
    total, done = sum(tensor.nbytes for tensor in plan), 0
    with target.open("ab") as file:
        _pad(file)
        for tensor in plan:
            for values in _slices(tensor, shape):
                packed = _quantise(values, tensor)
                file.write(packed)
                done += len(packed)
                progress("converting to GGUF", done, total)
            _pad(file)


def _pad(file: BinaryIO) -> None:
    file.write(b"\0" * (-file.tell() % _ALIGNMENT))


def _slices(tensor: _Planned, shape: Architecture) -> Iterator[npt.NDArray[np.float32]]:
    """The values in order; a tensor whose rows move comes whole (those are the small ones)."""
    if isinstance(tensor.source, np.ndarray):
        yield tensor.source
    elif shape.family == "llama" and tensor_names.rotary(tensor.name):
        heads = shape.heads if ".attn_q." in tensor.name else shape.kv_heads
        yield tensor_names.interleave(tensor.source.load(), heads)
    else:
        step = max(1, _SLICE // prod(tensor.shape[1:]))
        for start in range(0, tensor.shape[0], step):
            yield tensor.source.load(slice(start, start + step))


def _quantise(values: npt.NDArray[np.float32], tensor: _Planned) -> bytes:
    if not np.isfinite(values).all():
        raise ModelRefused(f"the tensor {tensor.name} holds infinities or is no number")
    with np.errstate(over="ignore"):
        packed = quants.quantize(values, tensor.type)
    if tensor.type is GGMLQuantizationType.F16 and not np.isfinite(packed).all():
        raise ModelRefused(f"{tensor.name} does not fit into f16", "Use bf16 or q8_0.")
    return bytes(packed.tobytes())
