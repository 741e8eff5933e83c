"""Specs: both forms, their limits, and the types that are refused."""

from __future__ import annotations

import json

import pytest

from lemmata.apps.conjecture.data.statements import statements
from lemmata.apps.conjecture.language.spec import from_json, from_text, read
from lemmata.apps.conjecture.language.typeset import typeset
from lemmata.apps.conjecture.language.words import spoken
from lemmata.errors import BadInput


@pytest.mark.parametrize("statement", statements(), ids=lambda s: s.id)
def test_every_shipped_spec_survives_both_forms_and_can_be_said(statement) -> None:
    spec = statement.gold()
    assert from_text(spec.text()).sha256 == spec.sha256
    assert read(json.dumps(spec.to_json())) == spec
    assert spoken(spec).startswith("For every ")
    assert spoken(spec, "zh").startswith("对每个")
    assert typeset(spec).count("{") == typeset(spec).count("}")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("for n in 1..: n + 1", "is a value, not a truth"),
        ("for n in 1..: m = 1", "'m' is not a variable"),
        ("for n in 1..: primes(n)", "no function 'primes'"),
        ("for n in 1..: prime(n, n)", "takes 1 values"),
        ("for n in 1..: prime(1/2)", "needs a whole number"),
        ("for n in 1..: prime = 1", "is not a variable"),
        ("for prime in 1..: prime = 1", "cannot name a variable"),
        ("for n, n in 1..: n = 1", "one name"),
        ("for n in 5..1: n = 1", "is empty"),
        ("for real x in 0..: x mod 2 = 0", "needs a whole number"),
        ("for real x in 0..: 2^x > 1", "an exponent needs a whole number"),
        ("for graph G in 1..: G = 1", "needs a number, not a graph"),
        ("for graph G in 1..99: connected(G)", "at most 12 vertices"),
        ("for graph G in 1..; n in 1..: connected(G)", "only variable"),
        ("for n in 1..: exists n in 1..2: n = 1", "used twice"),
        ("for a, b, c, d, e, f, g in 1..: a = 1", "1 to 6 variables"),
        ("for n in 1..5 n = 1", "expected ':'"),
    ],
)
def test_a_wrong_spec_is_refused_with_its_cause(text: str, cause: str) -> None:
    with pytest.raises(BadInput, match=cause.replace("(", r"\(")):
        from_text(text)


@pytest.mark.parametrize(
    "document",
    [
        None, [], {}, {"lemmata_conjecture": 2},
        {"lemmata_conjecture": 1, "variables": [], "claim": "1 = 1", "code": "x"},
        {"lemmata_conjecture": 1, "variables": "n", "claim": "1 = 1"},
        {"lemmata_conjecture": 1, "variables": [{"name": "n", "sort": "set"}], "claim": "1 = 1"},
        {"lemmata_conjecture": 1, "variables": [{"name": "n", "sort": "integer", "low": 1.5}],
         "claim": "n = 1"},
        {"lemmata_conjecture": 1, "variables": [{"name": "n", "sort": "integer", "low": "1e99999"}],
         "claim": "n = 1"},
    ],
)  # fmt: skip
def test_a_document_that_is_no_spec_is_refused(document: object) -> None:
    with pytest.raises(BadInput):
        from_json(document)


def test_equal_meaning_in_other_spacing_has_one_hash() -> None:
    one = from_text("for n in 4.. where even(n): prime(n-1)")
    two = from_text("for integer n in 4..\nwhere even( n ):\n   prime(n - 1)\n# a remark")
    assert one.sha256 == two.sha256
