"""Headers that cannot be believed are refused with the reason; the library's own are read."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from lemmata.models.safetensors_header import Damaged, parse


def test_what_the_library_writes_is_read() -> None:
    values = {"a": np.zeros((2, 3), np.float32), "b": np.ones(5, np.float16)}
    whole = save(values)
    length = int.from_bytes(whole[:8], "little")
    entries = {e.name: e for e in parse(whole[8 : 8 + length], len(whole) - 8 - length)}
    assert {name: (e.dtype, e.shape) for name, e in entries.items()} == {
        "a": ("F32", (2, 3)),
        "b": ("F16", (5,)),
    }


def tensor(begin: int = 0, end: int = 8, **more: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [begin, end]} | more


@pytest.mark.parametrize(
    ("header", "size", "reason"),
    [
        ({"a": tensor()}, 12, "holds 12 bytes of data and describes 8"),
        ({"a": tensor()}, 4, "describes 8"),
        ({"a": tensor(), "b": tensor()}, 8, "overlap before 'b'"),
        ({"a": tensor(), "b": tensor(12, 20)}, 20, "hole"),
        ({"a": tensor(shape=[3])}, 8, "does not fill"),
        ({"a": tensor(dtype="I64", shape=[1])}, 8, "'I64'"),
        ({"a": tensor(shape=[-2])}, 8, "cannot be read"),
        ({"a": tensor(shape=[True, 2])}, 8, "cannot be read"),
        ({"a": {"dtype": "F32"}}, 8, "cannot be read"),
        ([1], 8, "cannot be read"),
    ],
)
def test_what_is_refused(header: Any, size: int, reason: str) -> None:
    with pytest.raises(Damaged, match=reason):
        parse(json.dumps(header).encode(), size)


def test_a_name_twice_and_a_bottomless_header() -> None:
    one = json.dumps(tensor())
    for header in (f'{{"a": {one}, "a": {one}}}', "[" * 100_000, '{"a"'):
        with pytest.raises(Damaged):
            parse(header.encode(), 8)
