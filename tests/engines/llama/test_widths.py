"""Whether few requests share a call changes how long they take, and no token of them."""

from __future__ import annotations

import pytest

from lemmata.engines.llama.widths import MOST, Widths

from .near_ties import same


def used(seconds_of_a_call, lanes, times=300):
    """The widths of the calls at the end, where a call of so many rows takes so long."""
    widths = Widths()
    for _ in range(times):
        parts = widths.parts(range(lanes))
        assert [row for part in parts for row in part] == list(range(lanes))
        widths.note(parts, sum(seconds_of_a_call(len(part)) for part in parts))
    return {len(part) for part in parts}


@pytest.mark.parametrize("lanes", [2, 3, 8])
def test_the_cheaper_way_is_found(lanes):
    assert used(lambda rows: 1.0, lanes) == {lanes}
    assert used(lambda rows: 1.0 if rows == 1 else 4.0 * rows, lanes) == {1}


def test_one_and_many_are_never_divided():
    for lanes in (1, MOST + 1, 32):
        assert used(lambda rows: 100.0**rows, lanes, 20) == {lanes}


@pytest.mark.parametrize("width", [1, 3])
def test_every_width_writes_the_same(bench, monkeypatch, width):
    monkeypatch.setattr(
        Widths,
        "parts",
        lambda self, lanes: [lanes[n : n + width] for n in range(0, len(lanes), width)],
    )
    b = bench(draft=0)
    for number in range(6):
        b.submit(number, f"{number} tell", b.keys[number % 2], max_tokens=20 + number)
    b.run()
    for number in range(6):
        alone = bench(draft=0).alone(f"{number} tell", b.keys[number % 2], max_tokens=20 + number)
        assert same(b.tokens[number], alone)
