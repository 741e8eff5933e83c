"""Several schemas that must all hold, as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lemmata.errors import BadInput

Schema = dict[str, Any]
_LARGEST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_SMALLEST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_BOTH_HOLD = {"items", "propertyNames"}
_HANDLED = {"properties", "additionalProperties", "type", "enum", "const", "allOf"}
_TO_AGREE = {
    "pattern",
    "format",
    "multipleOf",
    "prefixItems",
    "patternProperties",
    "anyOf",
    "oneOf",
}


def merged(one: Schema, other: Schema) -> Schema:
    """Valid under it is what is valid under both. Neither has a `$ref`. Raises BadInput where that
    cannot be said as one schema."""
    result = {**one, **other}
    for key in one.keys() & other.keys() - _HANDLED:
        result[key] = _one_of_both(key, one[key], other[key])
    if "allOf" in one and "allOf" in other:
        result["allOf"] = [*one["allOf"], *other["allOf"]]
    _merge_values(one, other, result)
    _merge_properties(one, other, result)
    return result


def _one_of_both(key: str, one: Any, other: Any) -> Any:
    if key in _LARGEST:
        return max(one, other)
    if key in _SMALLEST:
        return min(one, other)
    if key in _BOTH_HOLD:
        return {"allOf": [one, other]}
    if key == "required":
        return list(dict.fromkeys([*one, *other]))
    if key == "uniqueItems":
        return one or other
    if key in _TO_AGREE and one != other:
        raise BadInput(f"the JSON schema asks for two {key} at once", "Write them as one.")
    return other


def types(schema: Schema) -> list[str]:
    """The JSON types that `type` allows; [] where it says nothing."""
    said = schema.get("type", [])
    return [said] if isinstance(said, str) else list(said)


def values(schema: Schema) -> list[Any] | None:
    """What `enum` and `const` leave; None where neither is there."""
    listed: list[Any] | None = schema.get("enum")
    if "const" not in schema:
        return listed
    only = [schema["const"]]
    return only if listed is None or schema["const"] in listed else []


def _merge_values(one: Schema, other: Schema, result: Schema) -> None:
    if types(one) and types(other):
        result["type"] = _common_types(types(one), types(other))
    first, second = values(one), values(other)
    result.pop("const", None)
    if first is not None or second is not None:
        either = first if first is not None else second or []
        result["enum"] = [value for value in either if second is None or value in second]


def _common_types(one: list[str], other: list[str]) -> list[str]:
    found = [name for name in one if name in other]
    if "integer" not in found and "integer" in {*one, *other} and "number" in {*one, *other}:
        found.append("integer")
    if not found:
        raise BadInput(f"the JSON schema asks for {one} and {other} at once")
    return found


def _merge_properties(one: Schema, other: Schema, result: Schema) -> None:
    if "properties" in one or "properties" in other:
        names = [*one.get("properties", {}), *other.get("properties", {})]
        result["properties"] = {
            name: _both(_property(one, name), _property(other, name)) for name in names
        }
    if "additionalProperties" in one or "additionalProperties" in other:
        result["additionalProperties"] = _both(
            one.get("additionalProperties", True), other.get("additionalProperties", True)
        )


def _property(schema: Schema, name: str) -> Any:
    """What one of the schemas says of a property that perhaps only the other names."""
    if name in schema.get("properties", {}):
        return schema["properties"][name]
    if "patternProperties" in schema:
        return True  # the object's own turn will hold the patterns against it
    return schema.get("additionalProperties", True)


def _both(one: Any, other: Any) -> Any:
    if one is True or one == {}:
        return other
    if other is True or other == {} or one is False:
        return one
    return False if other is False else {"allOf": [one, other]}


def disjoint(one: Schema, other: Schema, resolve: Callable[[Any], Schema]) -> bool:
    """Whether nothing that the grammar writes for one is valid under the other."""
    kinds = [_kinds(one), _kinds(other)]
    if not kinds[0] & kinds[1]:
        return True
    first, second = values(one), values(other)
    if first is not None and second is not None:
        return not any(value in second for value in first)
    if kinds[0] & kinds[1] != {"object"} or first is not None or second is not None:
        return False
    return _told_apart(one, other, resolve) or (
        _foreign(one, other) and _foreign(other, one)
    )  # fmt: skip


def _kinds(schema: Schema) -> set[str]:
    listed = values(schema)
    found = set(types(schema)) if listed is None else {type_of(value) for value in listed}
    found = found or {"null", "boolean", "number", "string", "array", "object"}
    return {"number" if name == "integer" else name for name in found}


def type_of(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    names = ((str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in names if isinstance(value, kind)), "number")


def _told_apart(one: Schema, other: Schema, resolve: Callable[[Any], Schema]) -> bool:
    """By a property that both require with different values."""
    shared = set(one.get("required", [])) & set(other.get("required", []))
    return any(
        disjoint(resolve(one["properties"][name]), resolve(other["properties"][name]), resolve)
        for name in shared
        if name in one.get("properties", {}) and name in other.get("properties", {})
    )


def _foreign(one: Schema, other: Schema) -> bool:
    """Whether the other schema refuses every object that the grammar writes for the first: it
    requires what is never written, or forbids what always is."""
    written, known = one.get("properties", {}), other.get("properties", {})
    missing = bool(written) and any(name not in written for name in other.get("required", []))
    closed = other.get("additionalProperties") is False and "patternProperties" not in other
    return missing or (closed and any(name not in known for name in one.get("required", [])))
