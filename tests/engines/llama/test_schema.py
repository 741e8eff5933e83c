"""Thirty schemas as people send them: whatever their grammar lets through is valid."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal

import jsonschema
import numpy as np
import pytest

from lemmata.engines.base import Sampling
from lemmata.engines.llama import grammar
from lemmata.engines.llama.grammar import Candidates, Grammar
from lemmata.errors import BadInput

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT, WHOLE, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def thing(required=None, **properties):
    fields = {"type": "object", "properties": properties}
    return {**fields, "required": list(properties) if required is None else required}


SCHEMAS = {
    "step by step": thing(
        steps={"type": "array", "items": thing(explanation=TEXT, output=TEXT)}, final_answer=TEXT
    ),
    "event, closed": {
        **thing(name=TEXT, date=TEXT, participants={"type": "array", "items": TEXT}),
        "additionalProperties": False,
    },
    "sentiment": thing(
        sentiment={"enum": ["positive", "negative", "neutral"]},
        confidence={"type": "number", "minimum": 0, "maximum": 1},
    ),
    "grade": thing(
        points={"type": "integer", "minimum": 0, "maximum": 100},
        passed={"type": "boolean"},
        remark={"type": ["string", "null"], "maxLength": 40},
    ),
    "recursive page": {
        "$schema": DRAFT,
        "$defs": {
            "node": thing(
                ["tag"], tag={"enum": ["div", "p"]},
                children={"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2},
            )
        },
        "$ref": "#/$defs/node",
    },
    "list, by its root": thing(value=WHOLE, next={"anyOf": [{"$ref": "#"}, NULL]}),
    "defs beside a $schema url": {
        "$schema": DRAFT,
        "$id": "https://example.org/order.json",
        "definitions": {"money": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01}},
        **thing(total={"$ref": "#/definitions/money"}, tax={"$ref": "#/definitions/money"}),
    },
    "pydantic's optional": thing(
        ["name"], name={"type": "string", "title": "Name"},
        age={"anyOf": [{"type": "integer", "minimum": 18}, NULL], "default": None},
    ),
    "tagged union": {
        "oneOf": [
            thing(kind={"const": "circle"}, radius={"type": "number", "minimum": 0}),
            thing(kind={"const": "box"}, width=WHOLE, height=WHOLE),
        ]
    },
    "oneOf by what is required": {
        "type": "object",
        "oneOf": [thing(email={**TEXT, "format": "email"}), thing(phone=TEXT)],
    },
    "oneOf nullable": {"oneOf": [TEXT, NULL]},
    "semantic version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+(-[a-z]+)?$"},
    "phone number": {"type": "string", "pattern": r"^(\([0-9]{3}\))?[0-9]{3}-[0-9]{4}$"},
    "quotes and backslashes": {"type": "string", "pattern": r'^["\\][^"\\a-z]{1,4}\w$'},
    "no anchors": {"type": "string", "pattern": "ab+c|x[yz]?"},
    "identifier": {"type": "string", "pattern": "^[A-Z][a-zA-Z0-9_]{2,7}$", "minLength": 3},
    "bounded array": {"type": "array", "items": WHOLE, "minItems": 2, "maxItems": 4},
    "matrix": {
        "type": "array", "minItems": 2, "maxItems": 2,
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    },
    "tuple": {"type": "array", "prefixItems": [TEXT, WHOLE, {"type": "boolean"}], "items": False},
    "old tuple": {"type": "array", "items": [TEXT, WHOLE], "additionalItems": NULL, "minItems": 3},
    "set of tags": {
        "type": "array", "uniqueItems": True, "minItems": 1, "maxItems": 3,
        "items": {"enum": ["red", "green", "blue", "grey"]},
    },
    "map of numbers": {"type": "object", "additionalProperties": {"type": "number"}},
    "map by pattern": {
        "type": "object", "patternProperties": {"^x-[a-z]+$": TEXT}, "additionalProperties": False,
    },
    "allOf": {
        "allOf": [thing(id=WHOLE), thing(["name"], name=TEXT, id={"minimum": 7})],
        "additionalProperties": True,
    },
    "ref with siblings": {
        "$defs": {"size": {"type": "integer", "minimum": 1}},
        **thing(size={"$ref": "#/$defs/size", "maximum": 12, "description": "in cm"}),
    },
    "when and where": thing(
        at={**TEXT, "format": "date-time"}, day={**TEXT, "format": "date"},
        id={**TEXT, "format": "uuid"}, host={**TEXT, "format": "ipv4"},
    ),
    "awkward numbers": thing(
        a={"type": "integer", "minimum": -105, "maximum": 23},
        b={"type": "number", "minimum": -0.5, "exclusiveMaximum": 0.25},
        c={"type": "integer", "multipleOf": 5, "minimum": 3},
        d={"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.11},
        e={"type": "integer", "exclusiveMinimum": 98, "exclusiveMaximum": 1002},
    ),
    "enum of everything": {"enum": ["a\"b", 1, 2.5, None, True, {"k": [1]}, "好\n"]},
    "all optional": {**thing([], a=WHOLE, b=TEXT, c=NULL), "maxProperties": 2},
    "required without a word": {"type": "object", "required": ["x"], "properties": {"y": NULL}},
    "quote in a name": thing(**{'say "hi"': WHOLE, "数": NULL, "a-b": NULL, "a_b": NULL}),
    "long text": {"type": "string", "minLength": 3, "maxLength": 12},
    "anything": {},
    "tree of or": {
        "$defs": {
            "or": thing(op={"const": "or"}, of={"type": "array", "items": {"$ref": "#/$defs/e"}}),
            "e": {"oneOf": [{"type": "boolean"}, {"$ref": "#/$defs/or"}]},
        },
        "$ref": "#/$defs/e",
    },
}  # fmt: skip

CLOSING = frozenset(b'"]},')


def written(text, vocabulary, draw, most=2500):
    """A random text of the grammar, pulled ever more strongly to its end; None: none in time."""
    rules, raw = Grammar(text, vocabulary), b""
    pieces = [vocabulary.piece(token) for token in range(vocabulary.size)]
    closing = np.array([piece[:1] in {bytes([byte]) for byte in CLOSING} for piece in pieces])
    beyond = np.array([piece[:1] >= b"\x80" for piece in pieces])  # half characters, mostly
    ends = list(vocabulary.ends)
    try:
        for length in range(most):
            logits = np.array([draw.gauss(0, 1) for _ in pieces], np.float32)
            logits += closing * min(length / 40, 6.0) - 20 * beyond
            logits[ends] += min(length / 20, 12.0)
            candidates = Candidates(logits)
            candidates.apply(rules.sampler)
            token = int(candidates.logits().argmax())
            if token in vocabulary.ends:
                return raw.decode()
            rules.accept(token)
            raw += pieces[token]
    finally:
        rules.close()
    return None


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_the_grammar_lets_through_is_valid(tiny, name):
    schema, vocabulary = SCHEMAS[name], tiny[0].vocabulary
    judge = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    if name == "old tuple":
        judge = jsonschema.Draft7Validator
    judge.check_schema(schema)
    exact = json.loads(json.dumps(schema), parse_float=Decimal)  # 9.97 is a multiple of 0.01
    validator = judge(exact, format_checker=judge.FORMAT_CHECKER)
    text = grammar.source(Sampling(json_schema=json.dumps(schema)))
    texts = [written(text, vocabulary, random.Random(seed)) for seed in range(12)]
    finished = [value for value in texts if value is not None]
    assert len(finished) >= 8
    for value in finished:
        validator.validate(json.loads(value, parse_float=Decimal))


def test_different_texts_come_out(tiny):
    text = grammar.source(Sampling(json_schema=json.dumps(SCHEMAS["awkward numbers"])))
    found = {written(text, tiny[0].vocabulary, random.Random(seed)) for seed in range(10)}
    assert len(found) == 10


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"$ref": "https://example.org/x.json"}, "https://example.org/x.json"),
        ({"$ref": "other.json#/a"}, "other.json"),
        ({"$ref": "#/$defs/missing"}, "missing"),
        ({"$ref": "#"}, "cannot be used"),
        ({"anyOf": [NULL, {"$ref": "#"}]}, "cannot be used"),
        ({"not": {"type": "string"}}, "'not'"),
        ({"if": {}, "then": {}}, "'if'"),
        ({"type": "array", "contains": {}}, "'contains'"),
        ({"type": "array", "uniqueItems": True, "items": TEXT}, "uniqueItems"),
        ({"oneOf": [WHOLE, {"type": "number"}]}, "overlap"),
        ({"oneOf": [thing(["a"], a=TEXT), thing(["a"], a=TEXT, b=TEXT)]}, "overlap"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "no number"),
        ({"type": "string", "pattern": r"^(?=a)b$"}, "assert"),
        ({"type": "string", "pattern": r"(a)\1"}, "groupref"),
        ({"type": "string", "pattern": "a^b"}, "at"),
        ({"type": "string", "pattern": "^(a"}, "cannot be read"),
        ({"type": "string", "pattern": "^a*$", "maxLength": 5}, "length"),
        ({"type": "string", "pattern": "^\\n$"}, "control"),
        ({"type": "nonsense"}, "nonsense"),
        ({"enum": []}, "no value"),
        ({"enum": ["a"], "minLength": 2}, "minLength"),
        ({"type": "object", "minProperties": 3}, "names"),
        ({"allOf": [TEXT, WHOLE]}, "at once"),
        ({"properties": 3}, "none"),
        ([], "no JSON schema"),
        (False, "no value"),
    ],
)
def test_what_a_grammar_cannot_hold_is_refused_by_name(tiny, schema, named):
    with pytest.raises(BadInput, match=re.escape(named)):
        Grammar(grammar.source(Sampling(json_schema=json.dumps(schema))), tiny[0].vocabulary)


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [thing(["k"], k={"const": n}) for n in range(400)]},
        {
            "$defs": {
                f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
                for n in range(40)
            }
            | {"d40": TEXT},
            "$ref": "#/$defs/d0",
        },
    ],
)
def test_a_schema_that_would_take_for_ever_is_refused(schema):
    with pytest.raises(BadInput, match="too large"):
        grammar.source(Sampling(json_schema=json.dumps(schema)))


def test_many_choices_of_single_values_are_told_apart():
    choices = [{"const": n} for n in range(3000)]
    assert grammar.source(Sampling(json_schema=json.dumps({"oneOf": choices})))
    for twice in (7, 7.0):
        schema = {"oneOf": [*choices[:50], {"const": twice}]}
        with pytest.raises(BadInput, match="overlap"):
            grammar.source(Sampling(json_schema=json.dumps(schema)))


def test_an_enum_that_leaves_nothing_is_not_replaced_by_another():
    schema = {"allOf": [{"const": 1, "enum": [2]}, {"enum": [3]}]}
    with pytest.raises(BadInput, match="no value"):
        grammar.source(Sampling(json_schema=json.dumps(schema)))


def test_a_schema_that_grows_without_end_is_refused():
    levels = {"d0": TEXT}
    for level in range(1, 20):
        below = {"allOf": [{"$ref": f"#/$defs/d{level - 1}"}]}
        levels[f"d{level}"] = thing(a=below, b=below)
    with pytest.raises(BadInput, match="too large"):
        grammar.source(Sampling(json_schema=json.dumps({"$defs": levels, **below})))
