"""Recipes: nothing is ignored, and every mistake names the nearest right thing."""

from __future__ import annotations

import pytest

from lemmata.errors import BadRecipe
from lemmata.train import recipe
from lemmata.train.recipe import from_fields

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
        ({"lr": "fast"}, "lr must be of type float"),
        ({"lr": True}, "lr must be of type float"),
        ({"lr": 0}, "lr must be above 0"),
        ({"lr": float("nan")}, "lr must be above 0"),
        ({"lora_r": 8.5}, "lora_r must be of type int"),
        ({"lora_r": True}, "lora_r must be of type int"),
        ({"betas": [0.9]}, "betas must be 2 values"),
        ({"lora_dropout": 1.0}, "below 1"),
        ({"target_modules": []}, "target_modules is empty"),
        ({"name": ""}, "lacks 'name'"),
        ({"data": []}, "lacks 'data'"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields, says):
    with pytest.raises(BadRecipe, match=says):
        from_fields(GOOD | fields)


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
