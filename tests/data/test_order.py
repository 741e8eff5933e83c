from __future__ import annotations

import math
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.data import order
from lemmata.data.order import Order, competence, paced
from lemmata.data.render import Rendered
from lemmata.errors import BadData


def test_competence_follows_the_formula() -> None:
    assert competence(0, 100, 0.1) == pytest.approx(0.1)
    assert competence(100, 100, 0.1) == 1
    assert competence(25, 100, 0.2) == pytest.approx(math.sqrt(0.25 * 0.96 + 0.04))


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300), st.integers(0, 9))
def test_each_row_once_and_none_before_its_time(difficulty: list[float], seed: int) -> None:
    first = paced(difficulty, seed)
    assert sorted(first) == list(range(len(difficulty)))
    assert first == paced(difficulty, seed)
    ranked = sorted(difficulty)
    for step, row in enumerate(first):
        open_rows = math.ceil(len(ranked) * competence(step, len(ranked)))
        assert difficulty[row] <= ranked[max(step, open_rows - 1)]


def test_easy_comes_before_hard_without_being_sorted() -> None:
    difficulty = [float(n % 100) for n in range(1000)]
    first = [difficulty[row] for row in paced(difficulty, 3)]
    assert sum(first[:250]) < 0.6 * sum(first[-250:])
    assert first != sorted(first)


def test_a_run_goes_on_where_it_stopped_whatever_the_packing() -> None:
    made = Order.of("hash", "nll", [float(n) for n in range(30)], seed=5)
    whole = list(islice(made.rows(), 100))
    for position in (0, 1, 29, 30, 31, 77):
        assert list(islice(made.rows(position), 100 - position)) == whole[position:]
    for epoch in range(3):
        assert sorted(whole[30 * epoch : 30 * epoch + 30]) == list(range(30))
    assert whole[30:60] != whole[60:90]


def test_the_file_knows_its_data(tmp_path: Path) -> None:
    made = Order.of("hash", "pass@4", [0.5, 0.0, 1.0], seed=1)
    path = tmp_path / "order.json"
    path.write_text(made.to_json())
    assert order.load(path, "hash") == made
    with pytest.raises(BadData, match="orders other data"):
        order.load(path, "another")
    path.write_text(made.to_json().replace('"first": [', '"first": [0, '))
    with pytest.raises(BadData, match="does not name each row once"):
        order.load(path, "hash")
    for broken in ("{}", "[1]", "{"):
        path.write_text(broken)
        with pytest.raises(BadData, match="is no order file"):
            order.load(path, "hash")


def test_nll_is_the_mean_over_learnt_tokens_only() -> None:
    rendered = Rendered([5, 6, 7, 8], 2, "text", [(0, 1)] * 4, "s")
    assert order.nll(rendered, lambda ids: [-9.0, -1.0, -3.0]) == 2.0
    assert order.failure_rate([True, False, False, False]) == 0.75


def test_no_number_is_no_difficulty() -> None:
    with pytest.raises(BadData, match="not a number"):
        paced([0.0, math.nan], 0)
