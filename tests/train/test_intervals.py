"""Intervals against published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.train.intervals import mcnemar, paired, wilson


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_wilson_gives_the_published_intervals(right, total, low, high):
    found = wilson(right, total)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def _table(both: int, gained: int, lost: int, neither: int) -> tuple[list[bool], list[bool]]:
    pairs = [(1, 1)] * both + [(0, 1)] * gained + [(1, 0)] * lost + [(0, 0)] * neither
    return [bool(a) for a, _ in pairs], [bool(b) for _, b in pairs]


def test_paired_gives_the_published_interval():
    """Newcombe, Statistics in Medicine 17 (1998) 2635-2650, table II, method 10, 36/12/2/0."""
    found = paired(*_table(36, 12, 2, 0))
    assert (found.value, found.low, found.high) == (
        pytest.approx(0.2), pytest.approx(0.0569, abs=5e-4), pytest.approx(0.3404, abs=5e-4),
    )  # fmt: skip


def test_mcnemar_is_the_exact_sign_test():
    assert mcnemar(*_table(5, 10, 0, 3)) == pytest.approx(2 / 1024)
    assert mcnemar(*_table(5, 0, 0, 3)) == 1.0
    assert mcnemar(*_table(0, 3, 3, 0)) == 1.0


@given(st.integers(1, 400), st.data())
def test_wilson_holds_its_estimate_and_stays_a_share(total, data):
    right = data.draw(st.integers(0, total))
    found = wilson(right, total)
    assert -1e-12 <= found.low <= found.value + 1e-12 <= found.high + 2e-12 <= 1 + 3e-12
