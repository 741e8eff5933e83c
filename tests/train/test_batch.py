"""Packs: no padding, no row seeing another, and the very gradients of rows on their own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata.train import base_model, batch, objectives
from lemmata.train.batch import IGNORED
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row, schedule, shared_prefix

pytestmark = pytest.mark.train

ROWS = [
    Row((1, 2, 3, 10, 11, 40, 41, 2), 5, (0, 1, 1)),
    Row((1, 2, 3, 12, 42, 2), 4, (0, 0)),
    Row((1, 2, 3, 10, 13, 14, 43, 44, 45, 2), 6, (0, 0, 1, 2)),
]


def test_labels_are_the_learnt_tokens_one_place_earlier():
    packed = batch.pack([ROWS[1]])
    assert packed.ids.tolist() == [[1, 2, 3, 12, 42, 2]]
    assert packed.labels.tolist() == [[IGNORED] * 3 + [42, 2, IGNORED]]


def test_every_learnt_token_is_a_label_once():
    packed = batch.pack(ROWS)
    learnt = [token for row in ROWS for token in row.ids[row.start :]]
    assert packed.labels[packed.labels != IGNORED].tolist() == learnt
    assert packed.label_tokens == len(learnt)


def test_a_common_beginning_is_run_once_and_positions_go_on_from_it():
    packed = batch.pack(ROWS)
    assert packed.ids.shape == (1, 8 + 6 + 10 - 2 * 3)
    assert packed.positions.tolist()[0] == [0, 1, 2, *range(3, 8), *range(3, 6), *range(3, 10)]


def test_the_token_that_predicts_a_label_is_never_shared():
    assert shared_prefix([Row((1, 2, 3, 4), 3, (0,)), Row((1, 2, 3, 4), 3, (0,))]) == 2
    assert shared_prefix([Row((1, 2, 3), 1, (0, 0)), Row((1, 2, 3), 1, (0, 0))]) == 0


def test_no_row_sees_another():
    packed = batch.pack(ROWS)
    seen = packed.mask(torch.float32)[0, 0] == 0
    segments = packed.segments.tolist()
    for i, j in torch.nonzero(seen).tolist():
        assert j <= i
        assert segments[j] in {0, segments[i]}


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 3), min_size=2, max_size=12), st.integers(1, 11)),
        min_size=1,
        max_size=9,
    ),
    st.integers(8, 40),
)
@settings(deadline=None)
def test_packs_keep_every_row_whole_and_in_order(drawn, limit):
    starts = [min(start, len(ids) - 1) for ids, start in drawn]
    rows = [
        Row(tuple(ids), start, (0,) * (len(ids) - start))
        for (ids, _), start in zip(drawn, starts, strict=True)
    ]
    made = batch.packs(rows, limit)
    for packed in made:
        assert packed.ids.shape[1] <= max(limit, max(len(row.ids) for row in rows))
    labels = [
        label for packed in made for label in packed.labels[packed.labels != IGNORED].tolist()
    ]
    assert labels == [token for row in rows for token in row.ids[row.start :]]


def test_steps_are_a_pure_function_and_every_epoch_takes_every_row_once():
    planned = schedule(10, 4, 2, seed=3)
    assert planned == schedule(10, 4, 2, seed=3)
    assert [len(step) for step in planned] == [4, 4, 2] * 2
    first, second = planned[:3], planned[3:]
    for epoch in (first, second):
        assert sorted(row for step in epoch for row in step) == list(range(10))
    assert first != second
    assert planned != schedule(10, 4, 2, seed=4)


@pytest.mark.model
def test_packed_gradients_equal_those_of_rows_on_their_own(tiny_base):
    """The proof against cross-contamination: same loss, same gradients, shared beginning or not."""
    recipe = from_fields({"name": "t", "data": "x", "lora_dropout": 0.0})
    model = base_model.load(tiny_base, recipe)
    parameters = base_model.trainable(model)
    for name, parameter in parameters.items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)

    def gradients(packs):
        model.zero_grad()
        total = 0.0
        for one in packs:
            states = base_model.hidden_states(model, one)
            loss = objectives.token_nll(states, base_model.head(model), one.labels).sum()
            loss.backward()
            total += loss.item()
        return total, {name: p.grad.clone() for name, p in parameters.items()}

    alone_loss, alone = gradients([batch.pack([row]) for row in ROWS])
    packed_loss, packed = gradients([batch.pack(ROWS)])
    assert packed_loss == pytest.approx(alone_loss, rel=1e-5)
    for name, gradient in alone.items():
        assert gradient.abs().max() > 0, name
        torch.testing.assert_close(packed[name], gradient, rtol=1e-4, atol=1e-6)


def test_steps_are_counted_through_the_pack_and_know_their_row():
    packed = batch.pack(ROWS)
    assert packed.steps.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 5]
    assert packed.step_rows.tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2]
