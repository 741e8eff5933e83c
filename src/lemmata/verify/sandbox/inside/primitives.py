"""Primitive values as text that says their exact types: the only form in which values travel.

    None True False "text"   as in JSON           ["t",…] tuple      ["z",…] frozenset
    12                       int below 2**63      ["s",…] set        ["d",[key,value],…] dict
    ["i","-0x…"]             any larger int       ["b","hex"] bytes  ["y","hex"] bytearray
    ["f","0x1.8p+1"]         float (float.hex)    ["c",re,im] complex
    ["l",…]                  list

Sets are written in the order of their text, dicts in their own order; in the canonical text dicts
are ordered too and -0.0 is 0.0, so equal values have equal canonical texts. A value of a subclass
is written as its primitive base, read with the base's own methods: an overridden `__eq__`,
`__iter__` or `items` has no say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii
from typing import Any

DEPTH = 200
"""Deeper nesting, a cycle among them, is no value that a test can expect."""

SMALL = 2**63


class NotPrimitive(ValueError):
    """The value, or something in it, is of a type that does not travel; the text names it."""


def dumps(value: object, canonical: bool = False) -> bytes:
    """The text of `value`. Raises NotPrimitive."""
    return _text(value, DEPTH, canonical).encode("ascii")


def loads(data: bytes) -> Any:
    """The value of a text made by `dumps`. Safe on hostile bytes; raises ValueError."""
    try:
        return _value(json.loads(data))
    except (RecursionError, TypeError, IndexError, KeyError, OverflowError) as error:
        raise ValueError(f"not a primitive value: {type(error).__name__}") from None


def _text(value: object, depth: int, canonical: bool) -> str:
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if depth == 0:
        raise NotPrimitive(f"a value nested deeper than {DEPTH} or one that contains itself")
    if isinstance(value, str):
        return encode_basestring_ascii(str.__str__(value))
    if isinstance(value, int):
        number = int.__add__(value, 0)
        return str(number) if -SMALL < number < SMALL else f'["i","{number:#x}"]'
    return _scalar(value, canonical) or _container(value, depth - 1, canonical)


def _scalar(value: object, canonical: bool) -> str:
    if isinstance(value, float):
        if canonical and float.__eq__(value, 0.0):
            value = 0.0
        return f'["f","{float.hex(value)}"]'
    if isinstance(value, complex):
        plain = complex.__pos__(value)
        return f'["c","{plain.real.hex()}","{plain.imag.hex()}"]'
    if isinstance(value, bytes):
        return f'["b","{bytes.hex(value)}"]'
    if isinstance(value, bytearray):
        return f'["y","{bytearray.hex(value)}"]'
    return ""


def _container(value: object, depth: int, canonical: bool) -> str:
    def write(items: Iterable[object]) -> list[str]:
        return [_text(item, depth, canonical) for item in items]

    if isinstance(value, list):
        parts = ['"l"', *write(list.__iter__(value))]
    elif isinstance(value, tuple):
        parts = ['"t"', *write(tuple.__iter__(value))]
    elif isinstance(value, set):
        parts = ['"s"', *sorted(write(set.__iter__(value)))]
    elif isinstance(value, frozenset):
        parts = ['"z"', *sorted(write(frozenset.__iter__(value)))]
    elif isinstance(value, dict):
        pairs = [f"[{','.join(write(pair))}]" for pair in dict.items(value)]
        parts = ['"d"', *(sorted(pairs) if canonical else pairs)]
    else:
        raise NotPrimitive(f"a value of type {type(value).__name__}")
    return f"[{','.join(parts)}]"


def _value(tree: Any) -> Any:
    if not isinstance(tree, list):
        if isinstance(tree, (float, dict)):
            raise ValueError("not a primitive value: untagged number or object")
        return tree
    tag, *rest = tree
    if tag == "d":
        return {_value(key): _value(item) for key, item in rest}
    if tag in _COLLECTIONS:
        return _COLLECTIONS[tag](_value(item) for item in rest)
    if tag == "c":
        return complex(float.fromhex(rest[0]), float.fromhex(rest[1]))
    return _SCALARS[tag](rest[0])


_COLLECTIONS: dict[str, Any] = {"l": list, "t": tuple, "s": set, "z": frozenset}
_SCALARS: dict[str, Any] = {
    "i": lambda text: int(text, 16),
    "f": float.fromhex,
    "b": bytes.fromhex,
    "y": bytearray.fromhex,
}
