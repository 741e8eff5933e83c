"""Lists in the cells of a table: a CSV has no lists, so turns stand in it as JSON, or as Python
prints them (what pandas writes)."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from typing import Any

_TURNS = ("messages", "conversations", "conversation", "prompt", "completion", "response")
_PAIRS = "history"
_MOST = 1 << 20
"""Characters of a cell that is read so."""


def unfolded(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields with such cells as lists; a text that only looks like one stays a text."""
    found = {name: turns for name in _TURNS if (turns := _list(fields.get(name), _is_turn))}
    pairs = _list(fields.get(_PAIRS), _is_pair)
    if pairs is not None:
        found[_PAIRS] = [list(pair) for pair in pairs]
    return {**fields, **found} if found else fields


def _is_turn(value: Any) -> bool:
    return isinstance(value, dict) and ("role" in value or "from" in value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2


def _list(cell: Any, fits: Callable[[Any], bool]) -> list[Any] | None:
    """The list that a text spells whose items all fit; None for anything else."""
    if not isinstance(cell, str) or not cell.lstrip().startswith("[") or len(cell) > _MOST:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(cell.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, list) and all(map(fits, value)) else None
    return None
