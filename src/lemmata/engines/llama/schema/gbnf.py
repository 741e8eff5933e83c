"""Pieces of GBNF text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

Span = tuple[int, int]
"""First and last code point."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(text: str) -> str:
    """Exactly this text."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def constant(value: Any) -> str:
    """The JSON form of a value."""
    return literal(json.dumps(value, ensure_ascii=False))


def any_of(parts: Iterable[str]) -> str:
    found = list(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else "(" + " | ".join(found) + ")"


def repeat(part: str, least: int, most: int | None) -> str:
    """`part` so many times; "" for never."""
    if most == 0:
        return ""
    if (least, most) == (1, 1):
        return part
    if (least, most) == (0, None):
        return f"({part})*"
    return f"({part}){{{least},{'' if most is None else most}}}"


def char_class(spans: Iterable[Span]) -> str:
    """One character out of the spans."""
    shown = [_char(a) if a == b else f"{_char(a)}-{_char(b)}" for a, b in spans]
    return "[" + "".join(shown) + "]"


def _char(code: int) -> str:
    if chr(code).isascii() and chr(code).isalnum():
        return chr(code)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def digits(places: list[Span]) -> str:
    """Fixed places, each a span of the digits 0 to 9."""
    runs = [(span, len(list(run))) for span, run in groupby(places)]
    return " ".join(_digit(span) + (f"{{{times}}}" if times > 1 else "") for span, times in runs)


def _digit(span: Span) -> str:
    first, last = span
    return f'"{first}"' if first == last else f"[{first}-{last}]"
