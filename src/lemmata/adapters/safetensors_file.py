"""An adapter's safetensors file: untrusted bytes in, float32 arrays out, and back.

The header is bounded before it is parsed, and must describe the data without holes or overlaps;
pickle is never opened. Layout: https://huggingface.co/docs/safetensors (8-byte length, JSON, data).
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lemmata.adapters.weights import Dtype, Floats, Weights, collect
from lemmata.errors import AdapterRefused
from lemmata.models.safetensors_file import pack

LARGEST_HEADER = 4 << 20
"""Bytes; the header of LoRA on all projections of 80 layers takes 0.2 MB."""
_DTYPES: dict[str, tuple[Dtype, int]] = {"F32": ("F32", 4), "F16": ("F16", 2), "BF16": ("BF16", 2)}


def read(path: Path) -> Weights:
    """Read an adapter's weights. Raises AdapterRefused for anything else."""
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= LARGEST_HEADER:
            raise AdapterRefused(f"{path.name} is no safetensors file (a header of {length} bytes)")
        header, data = file.read(length), file.read()
    entries = _entries(path.name, header)
    _check_covered(path.name, entries, len(data))
    tensors = {entry.name: decode(entry.of(data), entry.dtype, entry.shape) for entry in entries}
    kinds = {entry.dtype for entry in entries}
    return collect(tensors, kinds.pop() if len(kinds) == 1 else "F32")


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    dtype: Dtype
    shape: tuple[int, ...]
    begin: int
    end: int

    def of(self, data: bytes) -> bytes:
        return data[self.begin : self.end]


def _entries(name: str, header: bytes) -> list[_Entry]:
    try:
        fields = json.loads(header, object_pairs_hook=_no_repeats)
        fields.pop("__metadata__", None)
        return [_entry(key, value) for key, value in fields.items()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise AdapterRefused(f"{name} has a header that cannot be read") from error


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice")
    return fields


def _entry(name: str, field: dict[str, Any]) -> _Entry:
    if field["dtype"] not in _DTYPES:
        raise AdapterRefused(f"{name!r} is stored as {field['dtype']!r}, not F32, F16 or BF16")
    dtype, width = _DTYPES[field["dtype"]]
    shape, (begin, end) = _counts(field["shape"]), _counts(field["data_offsets"])
    if end - begin != prod(shape) * width:
        raise AdapterRefused(f"{name!r} of shape {shape} does not fill its {end - begin} bytes")
    return _Entry(name, dtype, shape, begin, end)


def _counts(value: Any) -> tuple[int, ...]:
    if not all(type(number) is int and 0 <= number < 2**40 for number in value):
        raise ValueError("shapes and offsets are whole numbers")
    return tuple(value)


def _check_covered(name: str, entries: list[_Entry], size: int) -> None:
    """The format allows neither holes nor overlaps."""
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.begin):
        if entry.begin != at:
            raise AdapterRefused(f"{name} has a hole or an overlap before {entry.name!r}")
        at = entry.end
    if at != size:
        raise AdapterRefused(f"{name} holds {size} bytes of data and describes {at}")


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
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def _halves(weights: Weights) -> Iterator[tuple[str, Floats]]:
    for projection in weights.projections:
        yield f"{projection.key}.lora_A.weight", projection.a
        yield f"{projection.key}.lora_B.weight", projection.b


def decode(raw: bytes, dtype: Dtype, shape: tuple[int, ...]) -> Floats:
    """The inverse of `models.safetensors_file.pack`."""
    if dtype == "BF16":
        bits = np.frombuffer(raw, "<u2").astype(np.uint32) << 16
        return bits.view(np.float32).reshape(shape)
    stored = np.frombuffer(raw, "<f4" if dtype == "F32" else "<f2")
    return stored.astype(np.float32).reshape(shape)
