"""Safetensors files, one tensor in memory at a time, bfloat16 included (numpy has none).

The format: eight bytes of header length, a JSON header, the data
(https://github.com/huggingface/safetensors#format). The library's own writer wants every tensor
in memory at once, and its numpy reader refuses bfloat16.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from lemmata.errors import ModelRefused
from lemmata.models.safetensors_header import BYTES, Damaged, parse

_NUMPY = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_LONGEST_HEADER = 100_000_000
"""The library's own limit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor of a file; `offset` in bytes from its start."""

    path: Path
    dtype: str
    shape: tuple[int, ...]
    offset: int

    def load(self, rows: slice = slice(None)) -> npt.NDArray[np.float32]:
        """The values (of some rows) as float32; exact for every dtype that is read."""
        stored = np.memmap(self.path, _NUMPY[self.dtype], "r", self.offset, self.shape)[rows]
        if self.dtype == "BF16":
            return (stored.astype(np.uint32) << 16).view(np.float32)
        return stored.astype(np.float32)


def read(path: Path) -> dict[str, Stored]:
    """The tensors of a file by name. Raises ModelRefused where it is not whole or not floats."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, _LONGEST_HEADER):
            raise ModelRefused(f"{path.name} is damaged: its header does not fit")
        header = file.read(length)
    try:
        entries = parse(header, size - 8 - length)
    except Damaged as damaged:
        raise ModelRefused(f"{path.name} is damaged: it {damaged}") from None
    start = 8 + length
    return {e.name: Stored(path, e.dtype, e.shape, start + e.begin) for e in entries}


def pack(values: npt.NDArray[np.float32], dtype: str) -> bytes:
    """Little-endian bytes of the values; bfloat16 rounds to nearest, ties to even."""
    if dtype == "F32":
        return values.astype("<f4").tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    bits = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return rounded.astype("<u2").tobytes()


def write(
    file: BinaryIO,
    shapes: dict[str, tuple[int, ...]],
    dtype: str,
    tensors: Iterable[npt.NDArray[np.float32]],
) -> None:
    """Write a file of one dtype; `tensors` come in the order of `shapes`."""
    header, at = {"__metadata__": {"format": "pt"}}, 0
    entries: dict[str, object] = dict(header)
    for name, shape in shapes.items():
        end = at + prod(shape) * BYTES[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for values in tensors:
        file.write(pack(values, dtype))
