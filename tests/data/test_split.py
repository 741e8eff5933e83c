from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.data.split import held_out
from lemmata.errors import BadData


@given(st.lists(st.integers(0, 60), min_size=40, max_size=200), st.integers(0, 5))
def test_no_cluster_straddles_and_the_share_is_met(clusters: list[int], seed: int) -> None:
    clusters = [*clusters, *range(100, 110)]
    held = held_out(clusters, 0.2, seed)
    assert held == held_out(clusters, 0.2, seed)
    inside = {cluster for cluster, out in zip(clusters, held, strict=True) if out}
    outside = {cluster for cluster, out in zip(clusters, held, strict=True) if not out}
    assert not inside & outside
    assert 0 < sum(held) <= round(0.2 * len(clusters))


def test_singletons_meet_the_share_exactly_and_seeds_differ() -> None:
    splits = {tuple(held_out(range(100), 0.1, seed)) for seed in range(5)}
    assert len(splits) == 5
    assert all(sum(split) == 10 for split in splits)


def test_no_share_holds_nothing_out() -> None:
    assert held_out([1, 1, 2], 0, 0) == [False] * 3


@pytest.mark.parametrize(
    ("clusters", "reason"),
    [([4] * 50, "without a twin: 50 of 50 rows"), ([1], "leaves nothing to train on")],
)
def test_an_empty_part_is_refused(clusters: list[int], reason: str) -> None:
    with pytest.raises(BadData, match=reason):
        held_out(clusters, 0.1, 0)
