"""JSON lines: one object a line; a broken line is one broken row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from lemmata.data import encoding
from lemmata.data.row import Raw


def rows(path: Path, text_encoding: str) -> Iterator[Raw]:
    """Every line that is not blank, broken ones with their fault."""
    for line in encoding.lines(path, text_encoding):
        if line.fault:
            yield Raw(path.name, line.number, fault=line.fault)
        elif line.text.strip():
            yield _row(path.name, line)


def _row(source: str, line: encoding.Line) -> Raw:
    try:
        value = DECODER.decode(line.text)
    except RecursionError:
        return Raw(source, line.number, fault="JSON nested too deeply")
    except ValueError as error:
        return Raw(source, line.number, fault=f"not JSON: {error}")
    return from_value(source, line.number, value)


def from_value(source: str, number: int, value: Any) -> Raw:
    """A row from a decoded JSON value; anything but an object is a fault."""
    if isinstance(value, dict):
        return Raw(source, number, value)
    return Raw(source, number, fault=f"a JSON {type(value).__name__}, not an object")


def parse(text: str) -> Any | None:
    """The JSON value of a text, None where it is not one."""
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
