import pytest

from lemmata.solve.options import CONFIDENCE
from lemmata.solve.posterior import confidence
from lemmata.solve.weights import BY_STEPS, DOUBT, sharpness, weight

HEAVIEST = BY_STEPS.heaviest


def test_what_nothing_is_known_of_weighs_one() -> None:
    assert weight(0, 0.0) == 1.0


def test_checked_steps_add_and_wrong_ones_cost() -> None:
    assert weight(0, 1.0) == HEAVIEST
    assert weight(1, 1.0) == pytest.approx(HEAVIEST * DOUBT)
    assert weight(2, 0.5) == weight(9, 0.5) < weight(1, 0.5) < weight(0, 0.0)


def test_one_vote_is_never_enough_for_the_default_confidence_two_well_checked_ones_are() -> None:
    assert confidence(HEAVIEST, 0) < CONFIDENCE <= confidence(2 * HEAVIEST, 0)
    assert confidence(2 * weight(0, 0.3), 0) < CONFIDENCE


def test_a_check_that_others_fail_says_more() -> None:
    assert sharpness(3, 3) == 1.0
    assert 1.0 < sharpness(4, 3) < sharpness(4, 1)
