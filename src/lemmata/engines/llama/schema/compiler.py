"""One schema after the other: each becomes a GBNF expression, each `$ref` target a rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from lemmata.engines.llama.schema import numbers, patterns
from lemmata.engines.llama.schema.containers import Containers
from lemmata.engines.llama.schema.gbnf import any_of, constant, repeat
from lemmata.engines.llama.schema.merging import Schema, disjoint, merged, type_of, types, values
from lemmata.errors import BadInput

MOST_VISITS = 10_000
"""Schemas within the schema, each counted as often as it is used."""
MOST_CHOICES = 300
"""Of a oneOf, each of which is held against each."""
_DEEPEST = 60
_NEVER = {"not", "if", "contains", "dependentRequired", "dependentSchemas", "dependencies",
          "$dynamicRef", "$recursiveRef", "unevaluatedItems"}  # fmt: skip
_SHAPES = {
    "object": {"properties", "required", "additionalProperties", "patternProperties",
               "propertyNames", "minProperties", "maxProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"},
    "string": {"pattern", "minLength", "maxLength"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}  # fmt: skip
_COMMON = r"""
ws ::= | " " | "\n" [ \t]{0,20}
char ::= [^"\\\x00-\x1f\x7f] | "\\" ["\\/bfnrt]
string ::= "\"" char* "\""
any ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" ws (string ws ":" ws any ws ("," ws string ws ":" ws any ws)*)? "}"
array ::= "[" ws (any ws ("," ws any ws)*)? "]"
"""


def to_gbnf(text: str) -> str:
    """The grammar of a JSON schema, given as JSON text. Raises BadInput, naming what it cannot
    hold."""
    try:
        root = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the JSON schema is no JSON: {error}") from error
    try:
        return Compiler(root).grammar()
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BadInput(f"the JSON schema is none: {error!r}") from error


class Compiler:
    def __init__(self, root: Any) -> None:
        self._root = root
        self._rules: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._visits = 0
        self._depth = 0
        self._containers = Containers(self.value, self.rule)

    def grammar(self) -> str:
        root = self.value(self._root)
        rules = "\n".join(f"{name} ::= {text}" for name, text in self._rules.items())
        return f"root ::= ws {root} ws\n{rules}\nnumber ::= {numbers.ANY_NUMBER}{_COMMON}"

    def rule(self, text: str) -> str:
        """A name for an expression, so that it is written once."""
        for name, known in self._rules.items():
            if known == text:
                return name
        name = f"r{len(self._rules)}"
        self._rules[name] = text
        return name

    def value(self, schema: Any) -> str:
        """The expression for one schema."""
        self._visit()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _too_large()
        try:
            return self._value(schema)
        finally:
            self._depth -= 1

    def _visit(self) -> None:
        self._visits += 1
        if self._visits > MOST_VISITS:
            raise _too_large()

    def _value(self, schema: Any) -> str:
        if schema is True or schema == {}:
            return "any"
        if schema is False:
            raise BadInput("the JSON schema lets no value through")
        if not isinstance(schema, dict):
            raise BadInput(f"{schema!r} is no JSON schema")
        for keyword in sorted(_NEVER & schema.keys()):
            raise BadInput(f"a grammar cannot hold the JSON schema's {keyword!r}", "Leave it out.")
        if "$ref" in schema and not _constraints(schema) - {"$ref"}:
            return self._named(schema["$ref"])
        flat = self.flat(schema)
        if flat is not schema:
            return self.value(flat)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._choice(schema, keyword)
        return self._plain(schema)

    def flat(self, schema: Any) -> Schema:
        """The schema without `$ref` and `allOf` at its top."""
        for _ in range(_DEEPEST):
            self._visit()
            if schema is True:
                return {}
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = merged(rest, self.flat(self._target(schema["$ref"])))
            elif "allOf" in schema:
                rest = {key: value for key, value in schema.items() if key != "allOf"}
                for part in schema["allOf"]:
                    rest = merged(rest, self.flat(part))
                schema = rest
            else:
                return dict(schema) if not isinstance(schema, dict) else schema
        raise BadInput("the JSON schema refers to itself without end")

    def _named(self, ref: Any) -> str:
        """The rule of a `$ref`: made once, and known to itself while it is made."""
        if ref not in self._names:
            name = f"ref{len(self._names)}"
            self._names[ref] = name
            self._rules[name] = ""
            self._rules[name] = self.value(self._target(ref))
        return self._names[ref]

    def _target(self, ref: Any) -> Any:
        if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
            raise BadInput(
                f"the JSON schema refers to {ref!r}, another document or an anchor",
                "Put it under $defs and refer to it as '#/$defs/NAME'.",
            )
        found = self._root
        for step in ref.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(key)] if isinstance(found, list) else found[key]
            except (LookupError, TypeError, ValueError):
                raise BadInput(f"the JSON schema refers to {ref!r}, which is missing") from None
        return found

    def _choice(self, schema: Schema, keyword: str) -> str:
        rest = {key: value for key, value in schema.items() if key != keyword}
        options = schema[keyword]
        if not _constraints(rest):
            parts = [self.value(option) for option in options]
        else:
            options = [merged(rest, self.flat(option)) for option in options]
            parts = [self.value(option) for option in options]
        if keyword == "oneOf":
            self._check_apart([self.flat(option) for option in options])
        return any_of(parts)

    def _check_apart(self, options: list[Schema]) -> None:
        if _all_listed(options):
            return
        if len(options) > MOST_CHOICES:
            raise _too_large()
        for number, one in enumerate(options):
            for other in options[number + 1 :]:
                if not disjoint(one, other, self.flat):
                    raise BadInput(
                        "the choices of a oneOf overlap, so that a text may fit two of them",
                        "Use anyOf, or require a property that differs.",
                    )

    def _plain(self, schema: Schema) -> str:
        allowed = types(schema)
        listed = values(schema)
        if listed is not None:
            return self._listed(schema, listed, allowed)
        if not allowed:
            said = [name for name, keys in _SHAPES.items() if keys & schema.keys()]
            allowed = said[:1]  # a text of that type is valid; other types would be too
        makers: dict[str, Callable[[Schema], str]] = {
            "object": self._containers.object,
            "array": self._containers.array,
            "string": _string,
            "number": _number,
            "integer": _integer,
            "boolean": lambda _: '("true" | "false")',
            "null": lambda _: '"null"',
        }
        for name in allowed:
            if name not in makers:
                raise BadInput(f"the JSON schema has the unknown type {name!r}")
        return any_of(makers[name](schema) for name in allowed) if allowed else "any"

    @staticmethod
    def _listed(schema: Schema, listed: list[Any], allowed: list[str]) -> str:
        others = sorted(key for keys in _SHAPES.values() for key in keys & schema.keys())
        if others:
            raise BadInput(f"the JSON schema has an enum beside {others[0]!r}", "Leave one out.")
        kept = [value for value in listed if not allowed or _fits(value, allowed)]
        if not kept:
            raise BadInput("the JSON schema's enum leaves no value")
        return any_of(constant(value) for value in kept)


def _too_large() -> BadInput:
    return BadInput("the JSON schema is too large", "Ask for a simpler form.")


def _all_listed(options: list[Schema]) -> bool:
    """Whether each is a list of plain values, and none stands twice."""
    listed = [values(option) for option in options]
    if None in listed:
        return False
    found = [(type_of(value), value) for each in listed for value in each or ()]
    plain = not any(isinstance(value, list | dict) for _, value in found)
    return plain and len(set(found)) == len(found)


def _constraints(schema: Schema) -> set[str]:
    """The keywords that say anything about a value."""
    shapes = {key for keys in _SHAPES.values() for key in keys}
    return schema.keys() & (
        shapes | _NEVER | {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "format"}
    )


def _fits(value: Any, allowed: list[str]) -> bool:
    kind = type_of(value)
    return kind in allowed or (kind == "number" and "integer" in allowed and value == int(value))


def _string(schema: Schema) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" in schema:
        return rf'"\"" {patterns.pattern(schema["pattern"], least, most)} "\""'
    text, shortest, longest = patterns.FORMATS.get(schema.get("format", ""), ("", 0, 0))
    if text and least <= shortest and (most is None or longest <= most):
        return rf'"\"" {text} "\""'
    if least > patterns.LONGEST:
        raise BadInput(f"minLength is {least}", f"A grammar counts to {patterns.LONGEST}.")
    if most is None and not least:
        return "string"
    return rf'"\"" {repeat("char", least, most and min(most, patterns.LONGEST))} "\""'


def _bounds(schema: Schema, step: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """Both ends included; `step` inwards where the schema leaves the end out."""
    low = [numbers.exact(schema["minimum"])] if "minimum" in schema else []
    high = [numbers.exact(schema["maximum"])] if "maximum" in schema else []
    if "exclusiveMinimum" in schema:
        low.append(numbers.exact(schema["exclusiveMinimum"]) + step)
    if "exclusiveMaximum" in schema:
        high.append(numbers.exact(schema["exclusiveMaximum"]) - step)
    return max(low, default=None), min(high, default=None)


_STEP = Fraction(1, 10**numbers.MOST_DECIMALS)


def _integer(schema: Schema) -> str:
    low, high = _bounds(schema, _STEP)
    if "multipleOf" in schema:
        return numbers.multiple(numbers.exact(schema["multipleOf"]), low, high, whole=True)
    return numbers.integer(low, high)


def _number(schema: Schema) -> str:
    low, high = _bounds(schema, _STEP)
    if "multipleOf" in schema:
        return numbers.multiple(numbers.exact(schema["multipleOf"]), low, high, whole=False)
    return numbers.number(low, high)
