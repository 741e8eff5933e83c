"""The header of a GGUF file, read with every length checked before it is believed.

libllama aborts the process on some damaged files, and a model file may come from anywhere; so this
reader, which can only ever raise ModelRefused, looks first. Layout:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from lemmata.errors import ModelRefused

MOST_ENTRIES = 65_536
"""Metadata keys or tensors at most; real files have a few hundred."""
_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
_TENSOR_TYPES = {kind.value: kind for kind in GGMLQuantizationType}


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """Where one tensor lies. `shape` is [rows, …, columns] as in torch (GGUF stores it reversed);
    `offset` and `nbytes` count from the start of the file, in bytes."""

    name: str
    shape: tuple[int, ...]
    type: GGMLQuantizationType
    offset: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Header:
    """Everything before the tensor data. Arrays in `metadata` are lists."""

    path: Path
    metadata: dict[str, Any]
    tensors: dict[str, TensorInfo]

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))

    def raw(self, name: str) -> npt.NDArray[np.uint8]:
        """The bytes of a tensor as stored, shape [rows, bytes a row], mapped and not loaded."""
        tensor = self.tensors[name]
        rows = prod(tensor.shape[:-1])
        return np.memmap(self.path, np.uint8, "r", tensor.offset, (rows, tensor.nbytes // rows))


def read(path: Path) -> Header:
    """Read and check a header. Raises ModelRefused for anything that is not a whole, sound GGUF."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelRefused(f"{path.name} is not a GGUF file")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(path, data).header()
    except (struct.error, UnicodeDecodeError, OverflowError) as error:
        raise _damaged(path, "its header is unreadable") from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ModelRefused(f"there is no model file at {path}") from error


def _damaged(path: Path, how: str) -> ModelRefused:
    return ModelRefused(f"{path.name} is damaged: {how}", "Fetch the model again.")


class _Reader:
    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self._path, self._data, self._at = path, data, 4

    def header(self) -> Header:
        (version,) = self._take("I")
        if version not in {2, 3}:
            raise ModelRefused(f"{self._path.name} is GGUF version {version}; 2 and 3 are served")
        tensor_count, key_count = self._take("QQ")
        if max(tensor_count, key_count) > MOST_ENTRIES:
            raise _damaged(self._path, f"it claims {tensor_count} tensors and {key_count} keys")
        metadata = self._metadata(key_count)
        infos = [self._tensor() for _ in range(tensor_count)]
        return Header(self._path, metadata, self._placed(infos, self._alignment(metadata)))

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self._data, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def _room_for(self, size: int) -> None:
        if size > len(self._data) - self._at:
            raise _damaged(self._path, "it ends in the middle of its header")

    def _string(self) -> str:
        (length,) = self._take("Q")
        self._room_for(length)
        text = self._data[self._at : self._at + length].decode()
        self._at += length
        return text

    def _metadata(self, count: int) -> dict[str, Any]:
        metadata: dict[str, Any] = {}
        for _ in range(count):
            key = self._string()
            if key in metadata:
                raise _damaged(self._path, f"the key {key!r} stands twice")
            (kind,) = self._take("I")
            metadata[key] = self._value(kind)
        return metadata

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array()
        return self._take(self._scalar(kind))[0]

    def _scalar(self, kind: int) -> str:
        if kind not in _SCALARS:
            raise _damaged(self._path, f"unknown value type {kind}")
        return _SCALARS[kind]

    def _array(self) -> list[Any]:
        kind, count = self._take("IQ")
        if kind == _STRING:
            self._room_for(8 * count)
            return [self._string() for _ in range(count)]
        layout = self._scalar(kind)
        self._room_for(count * struct.calcsize(layout))
        return list(self._take(f"{count}{layout}"))

    def _alignment(self, metadata: dict[str, Any]) -> int:
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise _damaged(self._path, f"alignment {alignment!r} is not a power of two")
        return alignment

    def _tensor(self) -> TensorInfo:
        name = self._string()
        (dimensions,) = self._take("I")
        if not 1 <= dimensions <= 4:
            raise _damaged(self._path, f"tensor {name!r} has {dimensions} dimensions")
        shape = self._take(f"{dimensions}Q")[::-1]
        kind, offset = self._take("IQ")
        if kind not in _TENSOR_TYPES or not all(shape):
            raise _damaged(self._path, f"tensor {name!r} is of type {kind}, shape {shape}")
        quantisation = _TENSOR_TYPES[kind]
        block, size = GGML_QUANT_SIZES[quantisation]
        if shape[-1] % block:
            raise _damaged(self._path, f"rows of {name!r} are not whole blocks")
        return TensorInfo(name, shape, quantisation, offset, prod(shape) // block * size)

    def _placed(self, infos: list[TensorInfo], alignment: int) -> dict[str, TensorInfo]:
        start = -(-self._at // alignment) * alignment
        placed: dict[str, TensorInfo] = {}
        for info in infos:
            offset = start + info.offset
            if info.offset % alignment or offset + info.nbytes > len(self._data):
                raise _damaged(self._path, f"tensor {info.name!r} lies outside the file")
            if info.name in placed:
                raise _damaged(self._path, f"tensor {info.name!r} stands twice")
            placed[info.name] = TensorInfo(info.name, info.shape, info.type, offset, info.nbytes)
        return placed
