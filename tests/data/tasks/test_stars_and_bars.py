"""The quickstart's speciality: what it holds out is never trained on, and is measured fairly."""

from __future__ import annotations

from random import Random

from lemmata.data.tasks import stars_and_bars
from lemmata.data.tasks.stars_and_bars import HELD_OUT, held_out
from lemmata.verify import verify_math


def _pairs(items):
    return {(item.params["k"], item.params["n"]) for item in items}


def test_no_pair_of_sum_and_unknowns_is_in_training_and_held_out():
    trained = [stars_and_bars.item(Random(seed), "en") for seed in range(4000)]
    measured = held_out(120, 2_000_000)
    assert _pairs(measured) == {(k, n) for k, sums in HELD_OUT.items() for n in sums}
    assert not _pairs(trained) & _pairs(measured)
    assert (3, 10) in _pairs(measured), "the example of the articles is among them"


def test_held_out_problems_are_different_and_come_in_both_languages_and_bounds():
    measured = held_out(60, 2_000_000)
    assert len({item.problem for item in measured}) == 60
    chinese = sum("求" in item.problem or "方程" in item.problem for item in measured)
    assert 15 <= chinese <= 25
    assert {item.params["least"] for item in measured} == {0, 1}
    assert measured == held_out(60, 2_000_000)
    assert measured[:30] == held_out(30, 2_000_000)


def test_held_out_answers_pass_the_brute_force_and_the_verifier():
    for item in held_out(120, 2_000_000):
        assert stars_and_bars.check(item.params) == item.answer
        assert verify_math(item.derivation, item.answer).state == "correct"
