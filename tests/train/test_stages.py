"""Which rows come when: a pure function of recipe, data and what the gates have written."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from lemmata.errors import BadRecipe
from lemmata.train import stages
from lemmata.train.recipe import from_fields
from lemmata.train.stages import Course

pytestmark = pytest.mark.train

SOURCES = {"a": range(10), "b": range(10, 16)}
STAGED = {"stages": [{"name": "few", "rows": 4, "lr": 1e-3}, {"name": "all", "data": ["a", "b"]}]}


def course(tmp_path, difficulty=None, held=range(0), **fields):
    recipe = from_fields({"name": "mine", "data": ["a"], "rows_per_step": 4, **fields})
    return Course(tmp_path, recipe, SOURCES, difficulty, held)


def conclude(run, leg, passed, **following):
    """What a gate leaves behind."""
    folder = stages.folder(run, leg.stage)
    folder.mkdir(parents=True, exist_ok=True)
    tried = {"attempt": leg.attempt, "first": leg.first, "last": leg.last, "lr": leg.lr,
             "passed": passed, "next": following}  # fmt: skip
    tries = [*stages.tries(run, leg.stage), tried]
    (folder / stages.GATE).write_text(json.dumps({"tries": tries}))


def rows(leg):
    return [row for step in leg.steps for row in step]


def test_a_recipe_without_stages_is_one_that_sees_every_row_once_an_epoch(tmp_path):
    leg = course(tmp_path, epochs=2).next()
    assert (leg.stage, leg.first, leg.last, leg.attempt) == (0, 0, 6, 1)
    assert [len(step) for step in leg.steps] == [4, 4, 2] * 2
    assert sorted(rows(leg)) == sorted([*range(10)] * 2)
    assert rows(leg)[:10] != rows(leg)[10:]


def test_stages_follow_each_other_and_steps_are_counted_through(tmp_path):
    made = course(tmp_path, **STAGED)
    assert made.total() == 1 + 4
    few = made.next()
    assert (few.name, few.lr, sorted(rows(few))) == ("few", 1e-3, [0, 1, 2, 3])
    assert few.start == tmp_path / "stages" / "start.safetensors"
    conclude(tmp_path, few, True)
    both = made.next()
    assert (both.name, both.first, both.lr) == ("all", 1, 2e-4)
    assert sorted(rows(both)) == [*range(16)]
    assert both.start == tmp_path / "stages" / "00" / "good.safetensors"
    conclude(tmp_path, both, True)
    assert made.next() is None


def test_a_failed_try_is_repeated_from_the_last_good_adapter_at_a_new_rate(tmp_path):
    made = course(tmp_path, **STAGED)
    first = made.next()
    conclude(tmp_path, first, False, lr=5e-4, replay=0.0)
    again = made.next()
    assert (again.stage, again.attempt, again.first, again.lr) == (0, 2, 1, 5e-4)
    assert again.start == first.start
    assert again.seed != first.seed


def test_replay_adds_rows_of_the_earlier_stages(tmp_path):
    fields = {"stages": [{"name": "one"}, {"name": "two", "data": "b"}]}
    made = course(tmp_path, **fields)
    conclude(tmp_path, made.next(), True)
    assert made.can_replay(1)
    assert not made.can_replay(0)
    conclude(tmp_path, made.next(), False, lr=1e-4, replay=0.5)
    leg = made.next()
    assert [len(step) for step in leg.steps] == [6, 3]
    assert Counter(row in SOURCES["b"] for row in rows(leg)) == {True: 6, False: 3}


def test_named_rows_are_replayed_before_those_of_earlier_stages(tmp_path):
    made = course(tmp_path, replay=["b"])
    assert made.can_replay(0)
    conclude(tmp_path, made.next(), False, lr=1e-4, replay=0.25)
    extra = [row for row in rows(made.next()) if row >= 10]
    assert len(extra) == 3


def test_rows_held_to_the_base_come_beside_each_step(tmp_path):
    leg = course(tmp_path, held=range(16, 19), anchor_rows=2).next()
    for step in leg.steps:
        assert [row >= 16 for row in step[-2:]] == [True, True]
        assert all(row < 10 for row in step[:-2])


def test_in_order_every_row_comes_once_and_the_easy_ones_first(tmp_path):
    hardness = [float(9 - row) for row in range(10)]
    leg = course(tmp_path, hardness, order="nll", rows_per_step=1).next()
    assert sorted(rows(leg)) == [*range(10)]
    early, late = rows(leg)[:5], rows(leg)[5:]
    assert sum(hardness[row] for row in early) < sum(hardness[row] for row in late)
    first = [place for place, row in enumerate(rows(leg)) if hardness[row] < 2]
    assert max(first) < 9


def test_in_order_a_stage_of_few_rows_has_the_easiest(tmp_path):
    hardness = [float(-row) for row in range(16)]
    made = course(tmp_path, hardness, order="nll", stages=[{"name": "few", "rows": 3}])
    assert sorted(rows(made.next())) == [7, 8, 9]


def test_a_pure_function_gives_a_resumed_run_the_same_rows(tmp_path):
    hardness = [row % 3 / 2 for row in range(16)]
    for fields in ({}, {"order": "nll"}, {"epochs": 3}):
        one, two = (course(tmp_path, hardness if fields.get("order") else None, **fields)
                    for _ in range(2))  # fmt: skip
        assert one.next() == two.next()


def test_more_rows_than_there_are_is_refused(tmp_path):
    with pytest.raises(BadRecipe, match="stage 'few' wants 40 rows and its data has 10"):
        course(tmp_path, stages=[{"name": "few", "rows": 40}]).next()
