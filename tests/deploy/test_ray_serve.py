"""The cluster's configuration is one that Ray takes, and adapters get to where it looks."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from engines import tiny_model
from lemmata.adapters import canonical
from lemmata.engines.openai_adapters import RANKS
from lemmata.engines.openai_server import served_as

FOLDER = Path(__file__).parents[2] / "deploy" / "ray-serve"
SCHEMAS = json.loads((FOLDER / "schema.json").read_text())


@pytest.fixture
def config():
    return yaml.safe_load((FOLDER / "lemmata.yaml").read_text())


def parts(config):
    (application,) = config["applications"]
    (llm,) = application["args"]["llm_configs"]
    return {
        "deploy": config,
        "llm": llm,
        "lora": llm["lora_config"],
        "loading": llm["model_loading_config"],
        "autoscaling": llm["deployment_config"]["autoscaling_config"],
        "router": llm["deployment_config"]["request_router_config"],
    }


@pytest.mark.parametrize("part", ["deploy", "llm", "lora", "loading", "autoscaling", "router"])
def test_every_part_is_as_ray_has_it(config, part):
    value = parts(config)[part]
    jsonschema.validate(value, SCHEMAS[part])
    assert set(value) <= set(SCHEMAS[part]["properties"]), "Ray would ignore or refuse it"


def test_a_deployment_has_no_other_options(config):
    known = SCHEMAS["deploy"]["$defs"]["DeploymentSchema"]["properties"]
    assert set(parts(config)["llm"]["deployment_config"]) <= set(known)


def test_the_schema_refuses_what_ray_refuses(config):
    llm = parts(config)["llm"]
    for wrong in ({"lora": {}}, {"engine_kwargs": []}, {"accelerator_type": 4}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(llm | wrong, SCHEMAS["llm"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"max_num_adapters_per_replica": 0}, SCHEMAS["lora"])


def test_the_numbers_that_belong_together_are_together(config):
    llm = parts(config)["llm"]
    engine, lora = llm["engine_kwargs"], llm["lora_config"]
    assert engine["max_loras"] == lora["max_num_adapters_per_replica"] <= engine["max_cpu_loras"]
    assert engine["max_lora_rank"] in RANKS
    assert config["http_options"]["host"] == "127.0.0.1"


def test_adapters_are_published_once_under_their_content(tmp_path):
    spec = importlib.util.spec_from_file_location("publish", FOLDER / "publish.py")
    publish = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(publish)
    refs = tuple(tiny_model.adapter(tmp_path / name, n) for n, name in enumerate("ab"))
    target = tmp_path / "bucket"
    target.mkdir()
    names = [served_as(ref) for ref in refs]
    assert publish.publish(refs, target.as_uri()) == names
    assert publish.publish(refs, target.as_uri()) == []
    for ref, name in zip(refs, names, strict=True):
        assert canonical.open(target / name, ref.name).sha256 == ref.sha256
