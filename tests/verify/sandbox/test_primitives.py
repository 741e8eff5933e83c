"""Values as text: nothing is lost, nothing of a class's own is used, hostile text is harmless."""

from __future__ import annotations

import math
from contextlib import suppress
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.verify.sandbox.inside import primitives

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.complex_numbers()
)  # fmt: skip
keys = st.none() | st.booleans() | st.integers() | st.text() | st.binary()
values = st.recursive(
    scalars | st.sets(keys) | st.frozensets(keys),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)


def alike(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        same_sign = math.copysign(1, one) == math.copysign(1, other)
        return (one == other and same_sign) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, complex):
        return alike(one.real, other.real) and alike(one.imag, other.imag)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return alike(list(one), list(other)) and alike(list(one.values()), list(other.values()))
    return bool(one == other)


@given(values)
def test_every_value_survives_with_its_types(value: Any) -> None:
    assert alike(primitives.loads(primitives.dumps(value)), value)


@given(values)
def test_the_canonical_text_is_that_of_the_value_read_back(value: Any) -> None:
    text = primitives.dumps(value, canonical=True)
    assert primitives.dumps(primitives.loads(text), canonical=True) == text


def test_the_canonical_text_forgets_order_and_the_sign_of_zero() -> None:
    one, other = {"a": 0.0, "b": {1, 2}}, {"b": {2, 1}, "a": -0.0}
    assert primitives.dumps(one, canonical=True) == primitives.dumps(other, canonical=True)
    assert primitives.dumps(one) != primitives.dumps(other)


class Lying(dict[str, int]):
    def items(self) -> Any:
        raise AssertionError("asked")

    __iter__ = __len__ = __eq__ = __getitem__ = items  # type: ignore[assignment]


class Colour(IntEnum):
    RED = 1


def test_subclasses_are_read_with_the_methods_of_their_base() -> None:
    assert primitives.dumps(Lying(a=1)) == primitives.dumps({"a": 1})
    assert primitives.dumps(Colour.RED) == b"1"


@pytest.mark.parametrize("value", [object(), iter([]), range(3), {1: object()}, lambda: 0, type])
def test_what_is_not_primitive_is_named(value: object) -> None:
    with pytest.raises(primitives.NotPrimitive, match="a value of type"):
        primitives.dumps(value)


def test_cycles_and_depth_are_refused() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(primitives.NotPrimitive, match="nested"):
        primitives.dumps(cycle)


@given(st.binary())
def test_random_bytes_raise_only_value_errors(data: bytes) -> None:
    with suppress(ValueError):
        primitives.loads(data)


@pytest.mark.parametrize(
    "text",
    [b"", b"[", b"[" * 100_000, b'["q",1]', b'["l"', b"{}", b"1.5", b'["f"]', b'["f","x"]', b"[]",
     b'["d",[1]]', b'["d",[["l"],1]]', b'["s",["l"]]', b'["i",5]', b'["b","zz"]', b"NaN",
     b'[["l"]]',      b'["c","0x1"]', b"9" * 5000],
)  # fmt: skip
def test_hostile_text_raises_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any
        primitives.loads(text)
