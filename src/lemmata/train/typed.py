"""Plain values, as YAML gives them, into typed dataclasses: nothing is ignored or guessed."""

from __future__ import annotations

import dataclasses
import difflib
import types
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lemmata.errors import BadRecipe

_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def made(kind: Any, what: str, fields: Mapping[str, Any], needed: tuple[str, ...]) -> Any:
    """A `kind` from its fields; `what` names it to a person.

    Raises BadRecipe for an unknown key, a wrong value, or one of the `needed` that is missing.
    """
    kinds = get_type_hints(kind)
    for key in fields:
        if key not in kinds:
            near = difflib.get_close_matches(str(key), kinds, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Keys: {', '.join(kinds)}."
            raise BadRecipe(f"a {what} has no key {str(key)!r}", hint)
    for key in needed:
        if not fields.get(key):
            raise BadRecipe(f"the {what} lacks {key!r}", f"Add a line `{key}: …`.")
    return kind(**{key: _typed(key, value, kinds[key]) for key, value in fields.items()})


def _typed(key: str, value: Any, kind: Any) -> Any:
    """`value` as `kind`; YAML reads 1e-3 as text and whole numbers as int, which is mended here."""
    if get_origin(kind) in {types.UnionType}:
        return None if value is None else _typed(key, value, get_args(kind)[0])
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
        raise BadRecipe(f"{key} must be {' or '.join(map(str, get_args(kind)))}, not {value!r}")
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        needed = tuple(f.name for f in dataclasses.fields(kind) if _is_needed(f))
        return made(kind, key.rstrip("s"), value, needed)
    if get_origin(kind) is tuple:
        return _tuple(key, value, get_args(kind))
    if kind is float and not isinstance(value, bool):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
    if type(value) is kind:
        return value
    wanted = _WORDS.get(kind) or f"fields of a {kind.__name__.lower()}, as in {{name: …}}"
    raise BadRecipe(f"{key} must be {wanted}, not {value!r}")


def _tuple(key: str, value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    items = value if isinstance(value, (list, tuple)) else [value]
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(items)
    if len(items) != len(kinds):
        raise BadRecipe(f"{key} must be {len(kinds)} values, not {value!r}")
    return tuple(_typed(key, item, kind) for item, kind in zip(items, kinds, strict=True))


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def plain(value: Any) -> Any:
    """The same with lists for tuples, all the way down, as YAML and JSON have it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value
