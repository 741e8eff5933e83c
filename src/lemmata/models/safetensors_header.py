"""The header of a safetensors file, held strictly to the format; both models and adapters use it.

Layout: 8 bytes of header length, a JSON header, the data, which the header describes without holes
or overlaps (https://huggingface.co/docs/safetensors).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from typing import Any

BYTES = {"F32": 4, "F16": 2, "BF16": 2}


class Damaged(ValueError):
    """Why a header cannot be believed, to follow the file's name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor; `begin` and `end` in bytes from the first byte of data."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def parse(header: bytes, size: int) -> list[Entry]:
    """The tensors that a header describes, for `size` bytes of data. Raises Damaged."""
    try:
        fields = json.loads(header, object_pairs_hook=_no_repeats)
        fields.pop("__metadata__", None)
        entries = [_entry(name, field) for name, field in fields.items()]
    except Damaged:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Damaged("has a header that cannot be read") from None
    _check_covered(entries, size)
    return entries


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice")
    return fields


def _entry(name: str, field: dict[str, Any]) -> Entry:
    dtype = field["dtype"]
    if dtype not in BYTES:
        raise Damaged(f"stores {name!r} as {dtype!r}, not {', '.join(BYTES)}")
    shape, (begin, end) = _counts(field["shape"]), _counts(field["data_offsets"])
    if end - begin != prod(shape) * BYTES[dtype]:
        raise Damaged(f"has {name!r} of shape {shape}, which does not fill {end - begin} bytes")
    return Entry(name, dtype, shape, begin, end)


def _counts(value: Any) -> tuple[int, ...]:
    if not all(type(number) is int and 0 <= number < 2**40 for number in value):
        raise ValueError("shapes and offsets are whole numbers")
    return tuple(value)


def _check_covered(entries: list[Entry], size: int) -> None:
    at = 0
    for entry in sorted(entries, key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != at:
            raise Damaged(f"has a hole or an overlap before {entry.name!r}")
        at = entry.end
    if at != size:
        raise Damaged(f"holds {size} bytes of data and describes {at}")
