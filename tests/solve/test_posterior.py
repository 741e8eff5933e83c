from math import comb

import pytest

from lemmata.solve.posterior import confidence, further, incomplete_beta


@pytest.mark.parametrize("votes", [1, 2, 4, 9])
def test_a_lead_without_rivals_is_a_power_of_one_half(votes: int) -> None:
    assert confidence(votes, 0) == pytest.approx(1 - 0.5 ** (votes + 1))


@pytest.mark.parametrize(("leader", "second"), [(3, 1), (6, 1), (5, 5), (9, 4)])
def test_whole_votes_agree_with_the_binomial_sum(leader: int, second: int) -> None:
    """P(Beta(a + 1, b + 1) > 1/2) is P(Binomial(a + b + 1, 1/2) <= a)."""
    n = leader + second + 1
    tail = sum(comb(n, k) for k in range(leader + 1)) / 2**n
    assert confidence(leader, second) == pytest.approx(tail)


def test_fractions_of_votes_lie_between_whole_ones() -> None:
    assert confidence(3, 1) < confidence(3.5, 1) < confidence(4, 1)


def test_the_incomplete_beta_at_known_points() -> None:
    assert incomplete_beta(0.25, 1, 1) == pytest.approx(0.25)
    assert incomplete_beta(0.3, 2.5, 1.5) == pytest.approx(0.08894372317066562)


def test_how_many_more_would_settle_it() -> None:
    assert further(0, 0, 0.95, 16) == 4
    assert further(4, 0, 0.95, 16) == 0
    assert further(1, 1, 0.95, 3) == 3
    assert further(0, 0, 0.95, 16, each=2.0) == 2
