"""pass@k and cons@k against what really happens when attempts are drawn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.eval.graders import Grade
from lemmata.eval.item import Item
from lemmata.eval.metrics import Attempts, ballots, cons_at, measure, pass_at
from lemmata.eval.plan import Cell
from lemmata.eval.predictions import Prediction
from lemmata.verify import verify_math

CELL = Cell("math", "en", "english-frame", "base", "sample")


def same(item: Item, answer: str, other: str) -> bool:
    return verify_math(answer, other).state == "correct"


def attempts(number: int, answers: list[str | None], gold: str = "4") -> Attempts:
    item = Item(f"i{number}", f"i{number}", f"i{number}", "en", "2 + 2?", gold)
    grades = tuple(
        Grade("correct" if answer and same(item, answer, gold) else "incorrect", "", answer)
        for answer in answers
    )
    made = tuple(
        Prediction("k", CELL.id, item.id, place, "", "stop", "", 5, 10, 0.5, 0.25)
        for place in range(len(answers))
    )
    return Attempts(item, made, grades)


@given(
    st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n)))
)
def test_pass_at_k_is_the_share_of_subsets(drawn: tuple[int, int, int]) -> None:
    n, c, k = drawn
    subsets = list(itertools.combinations([True] * c + [False] * (n - c), k))
    assert pass_at(k, n, c) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@pytest.mark.parametrize("k", [1, 3, 8])
def test_pass_at_k_is_unbiased(k: int) -> None:
    """Over many runs of 10 attempts its mean is the true 1 - (1-p)^k."""
    counts = np.random.default_rng(3).binomial(10, 0.2, 20_000)
    table = [pass_at(k, 10, c) for c in range(11)]
    found = np.mean([table[c] for c in counts])
    assert found == pytest.approx(1 - 0.8**k, abs=0.01)


@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.integers(0, 2), st.data())
def test_cons_at_k_is_the_share_of_subsets(
    votes: list[int], silent: int, data: st.DataObject
) -> None:
    winner = data.draw(st.sampled_from([None, *range(len(votes))]))
    total = sum(votes) + silent
    k = data.draw(st.integers(1, total))
    thrown = [place for place, count in enumerate(votes) for _ in range(count)] + [-1] * silent
    exact = np.mean([_majority(subset, winner) for subset in itertools.combinations(thrown, k)])
    assert cons_at(k, votes, silent, winner) == pytest.approx(exact, abs=0.05)


def _majority(subset: tuple[int, ...], winner: int | None) -> float:
    counts = {vote: subset.count(vote) for vote in subset if vote >= 0}
    if winner is None or winner not in counts:
        return 0.0
    most = max(counts.values())
    leaders = [vote for vote, count in counts.items() if count == most]
    return 1 / len(leaders) if winner in leaders else 0.0


@pytest.mark.parametrize("k", [0, 5])
def test_more_than_there_are(k: int) -> None:
    with pytest.raises(ValueError, match=f"@{k} of 4"):
        pass_at(k, 4, 1)
    with pytest.raises(ValueError, match=f"@{k} of 4"):
        cons_at(k, [3], 1, 0)


def test_equal_answers_vote_together() -> None:
    each = attempts(0, ["1/2", "0.5", "\\frac{1}{2}", "3", None], gold="0.5")
    assert ballots(each, same) == ([3, 1], 1, 0)


def test_answers_that_cannot_vote() -> None:
    assert ballots(attempts(0, ["a", "b"]), lambda *_: None) is None


def test_everything_of_a_cell() -> None:
    items = [attempts(0, ["4", "4", "5", "4"]), attempts(1, ["5", "6", "7", None])]
    found = measure(CELL, items, same)
    assert found.accuracy.value == pytest.approx(3 / 8)
    assert sorted(found.pass_at) == sorted(found.cons_at) == [1, 2, 4]
    assert found.pass_at[1].value == pytest.approx(3 / 8)
    assert found.pass_at[4].value == found.cons_at[4].value == 0.5
    assert (found.tokens, found.seconds) == (80, 2.0)
    assert found.tokens_per_right is not None
    assert found.tokens_per_right.value == pytest.approx(80 / 3)
    assert found.truncated.value == found.looped.value == 0
    assert found.wrong_steps is None


def test_one_attempt_has_no_votes() -> None:
    assert measure(CELL, [attempts(0, ["4"])], same).cons_at == {}
