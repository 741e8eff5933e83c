"""The grammar: what is read, what is refused, and that writing is the inverse of reading."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.apps.conjecture.language.parse import parse
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Connect,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Operate,
    free_names,
)
from lemmata.apps.conjecture.language.write import write
from lemmata.errors import BadInput


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "1 + 2 * 3"),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("2^3^2", "2^3^2"),
        ("-n^2", "-n^2"),
        ("(-n)^2", "(-n)^2"),
        ("a - (b - c)", "a - (b - c)"),
        ("a <= b < c", "a <= b and b < c"),
        ("not a = b", "not a = b"),
        ("p and q or r -> s", "p and q or r -> s"),
        ("p and (q or r)", "p and (q or r)"),
        ("sum(k in 1..n: k^2)", "sum(k in 1..n: k^2)"),
        ("exists p in 2..n: prime(p) and q", "exists p in 2..n: prime(p) and q"),
        ("min(a, b) + 0.25", "min(a, b) + 0.25"),
    ],
)
def test_reads_with_the_usual_precedence(text: str, tree: str) -> None:
    assert write(parse(text)) == tree


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(1", "n n", "__import__('os')", "a; b", "exists in 1..2: a", "sum(n)", "a..b",
     "lambda x: x", "2 ** 3", "a[0]", "a.b", "f()", "exists p in 2: a"],
)  # fmt: skip
def test_refuses_what_is_no_expression(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["(" * 500 + "1" + ")" * 500, "-" * 3000 + "1", "not " * 900 + "a", "1+" * 1000 + "1",
     "9" * 100, "n" * 5000, "2^" * 300 + "2", "a -> " * 790 + "a", "|" * 50],
)  # fmt: skip
def test_long_and_deep_texts_end_in_one_line_or_a_tree(text: str) -> None:
    """The depth and the length are bounded, whatever comes: no RecursionError, no long wait."""
    with contextlib.suppress(BadInput):
        parse(text)


NAMES = st.sampled_from(["n", "a", "b"]).map(Name)
NUMBERS = st.one_of(st.integers(0, 99).map(Fraction), st.sampled_from([Fraction(1, 4)])).map(Number)


def _values(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Operate, st.sampled_from(["+", "-", "*", "/", "//", "mod", "^"]), inner, inner),
        st.builds(Negate, inner),
        st.builds(lambda a, b: Call("gcd", (a, b)), inner, inner),
        st.builds(lambda low, body: Bind("sum", "k", low, Name("n"), body), inner, inner),
    )


VALUES = st.recursive(st.one_of(NAMES, NUMBERS), _values, max_leaves=8)
RELATIONS = st.builds(Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), VALUES, VALUES)


def _truths(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Connect, st.sampled_from(["and", "or", "->", "<->"]), inner, inner),
        st.builds(Not, inner),
        st.builds(lambda body: Bind("exists", "k", Name("a"), Name("n"), body), inner),
    )


@given(st.recursive(RELATIONS, _truths, max_leaves=6))
def test_reading_undoes_writing(node: Node) -> None:
    assert parse(write(node)) == node


def test_free_names_leave_out_what_is_bound() -> None:
    assert free_names(parse("exists p in m..n: p + q = n")) == {"m", "n", "q"}
