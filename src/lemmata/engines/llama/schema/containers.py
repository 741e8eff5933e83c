"""Objects and arrays as GBNF."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lemmata.engines.llama.schema import patterns
from lemmata.engines.llama.schema.gbnf import constant, repeat
from lemmata.engines.llama.schema.merging import Schema, values
from lemmata.errors import BadInput

_COMMA = '"," ws'
_MOST_DISTINCT = 24


class Containers:
    """`value` makes the expression of a schema, `rule` names an expression."""

    def __init__(self, value: Callable[[Any], str], rule: Callable[[str], str]) -> None:
        self._value, self._rule = value, rule

    # Objects: the named properties in their order, or a map of any names

    def object(self, schema: Schema) -> str:
        required = list(schema.get("required", []))
        named = self._named(schema, required)
        if not named:
            return self._map(schema)
        if "propertyNames" in schema:
            raise BadInput("propertyNames beside properties is more than a grammar can hold")
        chosen = _within(named, required, schema)
        pairs = [
            (self._pair(constant(name), self._value(part)), name in required)
            for name, part in chosen.items()
        ]
        return f'"{{" ws {self._members(pairs)} "}}"'

    def _named(self, schema: Schema, required: list[str]) -> dict[str, Any]:
        named = {
            name: _patterned(name, part, schema)
            for name, part in schema.get("properties", {}).items()
        }
        for name in required:
            if name not in named:
                named[name] = _patterned(name, None, schema)
        for name in [name for name, part in named.items() if part is False]:
            if name in required:
                raise BadInput(f"the JSON schema requires {name!r} and forbids it")
            del named[name]
        return named

    def _pair(self, key: str, value: str) -> str:
        return self._rule(f'{key} ws ":" ws {value} ws')

    def _members(self, pairs: list[tuple[str, bool]]) -> str:
        """All required ones, and any of the others, with commas between them."""
        first = next((at for at, (_, needed) in enumerate(pairs) if needed), None)
        tails = self._tails(pairs)
        if first is not None:
            before = " ".join(f"({pair} {_COMMA})?" for pair, _ in pairs[:first])
            return f"{before} {pairs[first][0]} {tails[first + 1]}"
        choices = [f"{pair} {tails[at + 1]}" for at, (pair, _) in enumerate(pairs)]
        return f"({' | '.join(choices)})?"

    def _tails(self, pairs: list[tuple[str, bool]]) -> list[str]:
        """What may follow, by how many pairs were passed, once something is written."""
        tails = [""]
        for pair, needed in reversed(pairs):
            following = f"{_COMMA} {pair}" if needed else f"({_COMMA} {pair})?"
            tails.insert(0, self._rule(f"{following} {tails[0]}"))
        return tails

    def _map(self, schema: Schema) -> str:
        least, most = schema.get("minProperties", 0), schema.get("maxProperties")
        if least > 1:
            raise BadInput("a grammar cannot count different names", "Name the properties.")
        key, value = self._free(schema)
        if key is None or most == 0:
            if least:
                raise BadInput("the JSON schema asks for properties and allows none")
            return '"{" ws "}"'
        pair = self._pair(key, self._value(value))
        return f'"{{" ws {_listed(pair, least, most)} "}}"'

    def _free(self, schema: Schema) -> tuple[str | None, Any]:
        """The form of names that nobody listed, and the schema of their values."""
        by_pattern = schema.get("patternProperties", {})
        if len(by_pattern) > 1 or (by_pattern and "propertyNames" in schema):
            raise BadInput("several patterns for names are more than a grammar can hold")
        for text, part in by_pattern.items():
            return rf'"\"" {patterns.pattern(text, 0, None)} "\""', part
        others = schema.get("additionalProperties", True)
        if others is False:
            return None, None
        names = schema.get("propertyNames", {})
        return (self._value({**names, "type": "string"}) if names else "string"), others

    # Arrays

    def array(self, schema: Schema) -> str:
        first, others = schema.get("prefixItems", []), schema.get("items", True)
        if isinstance(others, list):
            first, others = others, schema.get("additionalItems", True)
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if least > patterns.LONGEST:
            raise BadInput(f"minItems is {least}", f"A grammar counts to {patterns.LONGEST}.")
        most = most and min(most, patterns.LONGEST)
        if schema.get("uniqueItems") and (most is None or most > 1):
            return self._distinct(first, others, least, most)
        if first:
            return self._tuple(first, others, least, most)
        if others is False or most == 0:
            return '"[" ws "]"' if not least else self._value(False)
        item = self._rule(f"{self._value(others)} ws")
        return f'"[" ws {_listed(item, least, most)} "]"'

    def _tuple(self, first: list[Any], others: Any, least: int, most: int | None) -> str:
        """The listed items, and as many more as there must be."""
        parts = [*first, *[others] * max(least - len(first), 0)][:most]
        items = [f"{self._value(part)} ws" for part in parts]
        return f'"[" ws {f" {_COMMA} ".join(items)} "]"'

    def _distinct(self, first: list[Any], others: Any, least: int, most: int | None) -> str:
        """Different items, where they come from a list: in the list's order."""
        listed = None if first or not isinstance(others, dict) else values(others)
        if listed is None or len(listed) > _MOST_DISTINCT:
            raise BadInput(
                "a grammar cannot see to it that items differ (uniqueItems)",
                "Leave it out, or list the items in an enum.",
            )
        limit = len(listed) if most is None else min(most, len(listed))
        return f'"[" ws {self._subsets([constant(v) for v in listed], least, limit)} "]"'

    def _subsets(self, items: list[str], least: int, most: int) -> str:
        if least > most:
            raise BadInput("minItems is larger than the number of different items")
        rest: dict[tuple[int, int], str] = {}
        for at in range(len(items), -1, -1):
            for taken in range(min(at, most) + 1):
                comma = f"{_COMMA} " if taken else ""
                ways = [
                    f"{comma}{items[next_]} ws {rest[next_ + 1, taken + 1]}"
                    for next_ in range(at, len(items))
                    if taken < most and (next_ + 1, taken + 1) in rest
                ]
                if taken >= least:
                    ways.append('""')
                if ways:
                    rest[at, taken] = self._rule(" | ".join(ways))
        return rest[0, 0]


def _listed(item: str, least: int, most: int | None) -> str:
    """Between `least` and `most` items with commas."""
    more = repeat(f"{_COMMA} {item}", max(least - 1, 0), None if most is None else most - 1)
    listed = f"{item} {more}"
    return listed if least else f"({listed})?"


def _patterned(name: str, part: Any, schema: Schema) -> Any:
    """The schema of one property, with that of every pattern that its name matches; None: it is
    not among the named ones."""
    found = [] if part is None else [part]
    for text, also in schema.get("patternProperties", {}).items():
        if re.search(text, name):
            found.append(also)
    if not found:
        return schema.get("additionalProperties", True)
    return found[0] if len(found) == 1 else {"allOf": found}


def _within(named: dict[str, Any], required: list[str], schema: Schema) -> dict[str, Any]:
    """The named properties, so many that their number fits."""
    if schema.get("minProperties", 0) > len(required):
        raise BadInput("minProperties asks for more than is required", "Name them in required.")
    room = schema.get("maxProperties", len(named)) - len(required)
    if room < 0:
        raise BadInput("maxProperties allows fewer than are required")
    optional = [name for name in named if name not in required][:room]
    return {name: part for name, part in named.items() if name in required or name in optional}
