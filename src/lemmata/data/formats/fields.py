"""Reading single fields of a row: types checked, white space and line ends made even."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.data.row import BROKEN, EMPTY, RowRefused

GOLD = ("gold", "final_answer", "expected_answer", "ground_truth")


def text(fields: Mapping[str, Any], name: str) -> str:
    """A field that must be text and not blank. Raises RowRefused."""
    value = optional(fields, name)
    if not value:
        raise RowRefused(EMPTY, f"{name!r} has no text")
    return value


def optional(fields: Mapping[str, Any], name: str) -> str:
    """A field that may be missing, null or blank; then ""."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowRefused(BROKEN, f"{name!r} is of type {type(value).__name__}, not text")
    return tidy(value)


def tidy(value: str) -> str:
    """LF line ends, nothing around; all else as it was."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def known(fields: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """What later stages can use of the other fields: gold, task, group, id."""
    meta: dict[str, Any] = {}
    for name in (*GOLD, *more):
        value = fields.get(name)
        if "gold" not in meta and isinstance(value, (str, int, float)) and str(value).strip():
            meta["gold"] = tidy(str(value))
    for name in ("task", "group", "id"):
        value = fields.get(name)
        if isinstance(value, (str, int)) and str(value).strip():
            meta[name] = str(value)
    return meta
