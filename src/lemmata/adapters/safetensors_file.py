"""An adapter's safetensors file: untrusted bytes in, float32 arrays out, and back.

The header is bounded before it is parsed; pickle is never opened.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from lemmata import whole
from lemmata.adapters.weights import Dtype, Floats, Weights, collect
from lemmata.errors import AdapterRefused
from lemmata.models.safetensors_file import pack
from lemmata.models.safetensors_header import Damaged, parse

LARGEST_HEADER = 4 << 20
"""Bytes; the header of LoRA on all projections of 80 layers takes 0.2 MB."""


def read(path: Path) -> Weights:
    """Read an adapter's weights. Raises AdapterRefused for anything else."""
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= LARGEST_HEADER:
            raise AdapterRefused(f"{path.name} is no safetensors file (a header of {length} bytes)")
        header, data = file.read(length), file.read()
    try:
        entries = parse(header, len(data))
    except Damaged as damaged:
        raise AdapterRefused(f"{path.name} {damaged}", "Copy the file again, whole.") from None
    tensors = {e.name: decode(data[e.begin : e.end], e.dtype, e.shape) for e in entries}
    kinds = {entry.dtype for entry in entries}
    return collect(tensors, cast("Dtype", kinds.pop()) if len(kinds) == 1 else "F32")


def write(path: Path, weights: Weights) -> None:
    """Write the file, flushed to the disk. The same weights give the same bytes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    chunks, at = [], 0
    for name, value in _halves(weights):
        raw = pack(value, weights.dtype)
        place = [at, at + len(raw)]
        header[name] = {"dtype": weights.dtype, "shape": [*value.shape], "data_offsets": place}
        chunks.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with whole.beside(path) as new, new.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(chunks)


def _halves(weights: Weights) -> Iterator[tuple[str, Floats]]:
    for projection in weights.projections:
        yield f"{projection.key}.lora_A.weight", projection.a
        yield f"{projection.key}.lora_B.weight", projection.b


def decode(raw: bytes, dtype: str, shape: tuple[int, ...]) -> Floats:
    """The inverse of `models.safetensors_file.pack`."""
    if dtype == "BF16":
        bits = np.frombuffer(raw, "<u2").astype(np.uint32) << 16
        return bits.view(np.float32).reshape(shape)
    stored = np.frombuffer(raw, "<f4" if dtype == "F32" else "<f2")
    return stored.astype(np.float32).reshape(shape)
