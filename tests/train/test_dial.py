from __future__ import annotations

import pytest

from lemmata.train.dial import Setting, best
from lemmata.train.intervals import Interval

pytestmark = pytest.mark.train


def setting(strength, target, kept=True):
    share = Interval(target, 0.0, 1.0)
    return Setting(strength, share, share, kept)


def test_the_best_target_wins_among_those_that_keep_enough():
    chosen = best([setting(0.5, 0.6), setting(1.0, 0.7), setting(1.5, 0.9, kept=False)])
    assert chosen.strength == 1.0


def test_of_equals_the_one_nearest_to_as_trained_then_the_weaker():
    assert best([setting(0.5, 0.7), setting(1.0, 0.7), setting(1.5, 0.7)]).strength == 1.0
    assert best([setting(0.75, 0.7), setting(1.25, 0.7)]).strength == 0.75


def test_none_where_every_strength_forgets_too_much():
    assert best([setting(0.5, 0.9, kept=False)]) is None
