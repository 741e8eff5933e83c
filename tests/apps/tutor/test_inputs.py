"""Inputs: made as described, and only ever shrunk to what the description covers."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.apps.tutor.inputs import Kind, draw, kind_of, simpler, weight

INTS = Kind("n", "int", low=-5, high=50)
KINDS = [
    INTS,
    Kind("n", "int", low=3, high=9),
    Kind("t", "text", letters="abc", least=1, most=5),
    Kind("l", "list", items=INTS, most=6),
    Kind("l", "list", items=INTS, most=6, sorted=True, distinct=True),
    Kind("c", "choice", values=("a", "b", 3)),
]


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10_000), size=st.integers(0, 12))
def test_what_is_made_is_allowed_and_so_is_everything_simpler(
    kind: Kind, seed: int, size: int
) -> None:
    value = kind.make(Random(seed), size)
    assert kind.allows(value)
    for smaller in kind.smaller(value):
        assert kind.allows(smaller)
        assert smaller != value


@given(seed=st.integers(0, 10_000))
def test_shrinking_ends(seed: int) -> None:
    kinds = (KINDS[3], KINDS[0])
    values = list(draw(kinds, Random(seed), 12))[-1]
    for _ in range(200):
        steps = [step for step in simpler(kinds, values) if weight(step) < weight(values)]
        if not steps:
            break
        values = min(steps, key=weight)
    assert values == ([], 0)


def test_small_ones_come_first() -> None:
    drawn = list(draw((KINDS[3],), Random(1), 120))
    assert drawn[0] == ([],)
    assert max(len(v[0]) for v in drawn[:20]) < max(len(v[0]) for v in drawn[-20:])


@pytest.mark.parametrize(
    "row",
    [
        {"name": "x", "kind": "float"},
        {"name": "x", "kind": "list"},
        {"name": "x", "kind": "int", "lo": 1},
    ],
)
def test_descriptions_that_are_none(row: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        kind_of(row)
