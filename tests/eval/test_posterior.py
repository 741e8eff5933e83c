"""Intervals against known truth: coverage by simulation, and the closed forms they generalise."""

from __future__ import annotations

import numpy as np
import pytest

from lemmata.eval import posterior


def names(count: int) -> list[str]:
    return [str(number) for number in range(count)]


@pytest.mark.parametrize(("right", "total"), [(0, 30), (3, 30), (15, 30), (30, 30)])
def test_one_attempt_an_item_is_the_beta_posterior(right: int, total: int) -> None:
    scores = [1.0] * right + [0.0] * (total - right)
    found = posterior.mean(scores, names(total))
    drawn = np.sort(np.random.default_rng(1).beta(right + 1, total - right + 1, 200_000))
    inside = int(0.95 * len(drawn))
    start = int(np.argmin(drawn[inside:] - drawn[:-inside]))
    assert found.value == right / total
    assert found.low == pytest.approx(min(drawn[start], found.value), abs=0.025)
    assert found.high == pytest.approx(max(drawn[start + inside], found.value), abs=0.025)


@pytest.mark.parametrize("truth", [0.03, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("attempts", [1, 4])
def test_accuracy_is_covered(truth: float, attempts: int) -> None:
    """400 worlds of 40 items whose difficulty varies; the truth is the mean over all items."""
    rng = np.random.default_rng(7)
    inside = 0
    for world in range(400):
        difficulty = rng.beta(2 * truth, 2 * (1 - truth), 40)
        scores = rng.binomial(attempts, difficulty) / attempts
        found = posterior.mean(list(scores), names(40), seed=world)
        inside += found.low <= truth <= found.high
    assert inside / 400 >= 0.92


def test_items_of_a_group_are_not_independent() -> None:
    """Twelve groups of five that succeed or fail together: only a clustered interval covers."""
    rng = np.random.default_rng(8)
    groups = [str(number // 5) for number in range(60)]
    clustered = alone = 0
    for world in range(300):
        scores = [float(score) for score in np.repeat(rng.random(12) < 0.6, 5)]
        found = posterior.mean(scores, groups, seed=world)
        clustered += found.low <= 0.6 <= found.high
        naive = posterior.mean(scores, names(60), seed=world)
        alone += naive.low <= 0.6 <= naive.high
    assert clustered / 300 >= 0.92
    assert alone / 300 < 0.75


@pytest.mark.parametrize("gain", [0.0, 0.15])
def test_paired_differences_are_covered(gain: float) -> None:
    rng = np.random.default_rng(9)
    inside, better = 0, []
    for world in range(300):
        draw = rng.random(60)
        before, after = draw < 0.4, rng.permutation(draw) < 0.4 + gain
        changes = [float(a) - float(b) for a, b in zip(after, before, strict=True)]
        found, p_better = posterior.better(changes, names(60), seed=world)
        inside += found.low <= gain <= found.high
        better.append(p_better)
    assert inside / 300 >= 0.92
    assert np.mean(better) == pytest.approx(0.5, abs=0.06) if gain == 0 else np.mean(better) > 0.9


def test_no_difference_at_all_is_even_odds() -> None:
    found, p_better = posterior.better([0.0] * 40, names(40))
    assert found.low < 0 < found.high
    assert p_better == pytest.approx(0.5, abs=0.03)


def test_a_rate_by_chances_not_by_items() -> None:
    found = posterior.rate([1, 0], [1, 99], names(2))
    assert found is not None
    assert found.value == pytest.approx(0.01)
    assert posterior.rate([0, 0], [0, 0], names(2)) is None


def test_cost_of_a_right_answer() -> None:
    found = posterior.cost([100.0] * 20, [1.0, 0.0] * 10, names(20))
    assert found is not None
    assert found.value == 200
    assert 120 < found.low < 200 < found.high < 500
    assert posterior.cost([100.0], [0.0], ["a"]) is None


def test_the_same_measurements_give_the_same_digits() -> None:
    scores = [0.25, 0.5, 1.0, 0.0]
    assert posterior.mean(scores, names(4)) == posterior.mean(scores, names(4))


def test_no_items() -> None:
    with pytest.raises(ValueError, match="no items"):
        posterior.mean([], [])
