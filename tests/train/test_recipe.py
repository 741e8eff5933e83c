"""Recipes: nothing is ignored, and every mistake names the nearest right thing."""

from __future__ import annotations

import dataclasses

import pytest

from lemmata.errors import BadRecipe
from lemmata.train import recipe, recipe_rules
from lemmata.train.recipe import Recipe, from_fields

GOOD = {"name": "mine", "data": ["rows.jsonl"]}


def test_defaults_are_the_values_of_the_field():
    made = from_fields(GOOD)
    assert (made.lora_r, made.lora_alpha, made.lora_dropout) == (8, 16, 0.05)
    assert made.target_modules == ("q_proj", "v_proj")
    assert (made.bias, made.task_type) == ("none", "CAUSAL_LM")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"learning_rat": 1}, "no key 'learning_rat'"),
        ({"lora_rank": 8}, "Did you mean 'lora_r'"),
        ({"bias": "all"}, "bias must be none"),
        ({"lr": "fast"}, "lr must be a number"),
        ({"lr": True}, "lr must be a number"),
        ({"lr": 0}, "lr must be above 0"),
        ({"lr": float("nan")}, "lr must be above 0"),
        ({"lora_r": 8.5}, "lora_r must be a whole number"),
        ({"lora_r": True}, "lora_r must be a whole number"),
        ({"betas": [0.9]}, "betas must be 2 values"),
        ({"betas": [1.5, 0.9]}, "below 1"),
        ({"languages": []}, "languages is empty"),
        ({"lora_r": 100_000}, "rank 100000"),
        ({"lora_r": 4096, "init_lora_weights": "pissa"}, "rank 8192"),
        ({"target": ["task:vieta:9"], "retention": []}, "retention is empty"),
        ({"stages": "easy"}, "as in {name"),
        ({"learning_rate": 1}, "Here it is 'lr'"),
        ({"model_name_or_path": "x"}, "Here it is 'base'"),
        ({"lora_dropout": 1.0}, "below 1"),
        ({"target_modules": []}, "target_modules is empty"),
        ({"finetuning_type": "full"}, "not offered.*a new model"),
        ({"full": True}, "not offered.*a new model"),
        ({"name": ""}, "lacks 'name'"),
        ({"data": []}, "lacks 'data'"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields, says):
    with pytest.raises(BadRecipe, match=says):
        from_fields(GOOD | fields)


def test_what_other_tools_call_a_key_is_a_key_here():
    keys = {field.name for field in dataclasses.fields(Recipe)}
    assert set(recipe_rules._ELSEWHERE.values()) <= keys
    assert keys.isdisjoint(recipe_rules._ELSEWHERE)


@pytest.mark.parametrize("text", ["lr: 1e-3\nname: a\nlr: 1e-4\n", "stages: [{name: a, name: b}]"])
def test_a_key_that_stands_twice_is_refused(text, tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text(f"data: [a.jsonl]\n{text}")
    with pytest.raises(BadRecipe, match="stands twice"):
        recipe.load(path)


def test_yaml_reads_1e_3_as_text_which_is_still_a_number():
    assert from_fields(GOOD | recipe.parse_overrides(["lr=1e-3"])).lr == 1e-3


def test_a_data_file_lies_beside_the_recipe(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ndata: [rows.jsonl, 'task:vieta:3']\n")
    made = recipe.load(path)
    assert made.data == (str(tmp_path / "rows.jsonl"), "task:vieta:3")


def test_overrides_win(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ndata: rows.jsonl\nlr: 1e-4\n")
    made = recipe.load(path, recipe.parse_overrides(["lr=0.5", "role=none", "epochs=3"]))
    assert (made.lr, made.role, made.epochs) == (0.5, "none", 3)


@pytest.mark.parametrize("word", ["lr", "lr={", "=3"])
def test_an_override_that_is_none_is_refused(word, tmp_path):
    with pytest.raises(BadRecipe):
        from_fields(GOOD | recipe.parse_overrides([word]))


@pytest.mark.parametrize("text", ["- a\n", "name: [", "", "\x00"])
def test_a_file_that_is_no_recipe_is_refused(text, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(BadRecipe, match="broken"):
        recipe.load(path)


def test_an_unknown_recipe_names_the_nearest():
    with pytest.raises(BadRecipe, match="Did you mean 'lora'"):
        recipe.load("lorra")


def test_fields_round_trip():
    made = from_fields(GOOD | {"role": "none", "betas": [0.8, 0.9]})
    assert from_fields(recipe.as_fields(made)) == made


STAGED = GOOD | {"stages": [{"name": "easy", "rows": 40, "lr": "1e-3"}, {"name": "all"}]}


def test_stages_are_read_and_round_trip():
    made = from_fields(STAGED)
    assert [(stage.name, stage.rows, stage.lr) for stage in made.stages] == [
        ("easy", 40, 1e-3), ("all", None, None),
    ]  # fmt: skip
    assert from_fields(recipe.as_fields(made)) == made


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"stages": [{"name": "a", "row": 4}]}, "a stage has no key 'row'. Did you mean 'rows'"),
        ({"stages": [{"rows": 4}]}, "the stage lacks 'name'"),
        ({"stages": [{"name": "a", "lr": 0}]}, "lr of stage 'a' must be above 0"),
        ({"stages": ["easy"]}, "stages must be fields of a stage"),
        ({"order": "hard"}, "order must be shuffled or file or nll"),
        ({"dial": [0]}, "dial must be strengths above 0"),
        ({"dial": [1]}, "dial needs a target"),
        ({"target_gain": "nan"}, "target_gain must be a share"),
        ({"sft_weight": 0}, "nothing is to be learnt"),
        ({"max_kl": 0}, "max_kl must be above 0"),
    ],
)
def test_stages_gates_and_objectives_are_checked(fields, says):
    with pytest.raises(BadRecipe, match=says):
        from_fields(GOOD | fields)


def test_all_files_of_a_recipe_lie_beside_it(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\ndata: a.jsonl\nteacher: t.npz\ntarget: b.jsonl\n"
        "retention: [general, c.jsonl]\n"
        "stages: [{name: one, data: d.jsonl}]\n"
    )
    made = recipe.load(path)
    assert (made.teacher, made.anchor) == (str(tmp_path / "t.npz"), None)
    assert (made.target, made.retention) == (
        (str(tmp_path / "b.jsonl"),), ("general", str(tmp_path / "c.jsonl")),
    )  # fmt: skip
    assert made.stages[0].data == (str(tmp_path / "d.jsonl"),)
