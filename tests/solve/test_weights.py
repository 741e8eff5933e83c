import pytest

from lemmata.solve.options import CONFIDENCE
from lemmata.solve.posterior import confidence
from lemmata.solve.weights import DOUBT, HEAVIEST, weight


def test_what_nothing_is_known_of_weighs_one() -> None:
    assert weight(0, 0.0) == 1.0


def test_checked_steps_add_and_wrong_ones_cost() -> None:
    assert weight(0, 1.0) == HEAVIEST
    assert weight(1, 1.0) == pytest.approx(HEAVIEST * DOUBT)
    assert weight(2, 0.5) == weight(9, 0.5) < weight(1, 0.5) < weight(0, 0.0)


def test_two_votes_are_never_enough_for_the_default_confidence() -> None:
    assert confidence(2 * HEAVIEST, 0) < CONFIDENCE <= confidence(3 * HEAVIEST, 0)
