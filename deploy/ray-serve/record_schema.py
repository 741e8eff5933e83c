"""Record what Ray accepts: `python record_schema.py > schema.json`, in this folder.

Needs `ray[serve]` and `pyarrow`, not a GPU and not vLLM. The tests check lemmata.yaml against the
recording, because Ray is half a gigabyte that nothing else needs. What the recording cannot say is
whether the router's class exists: importing it takes vLLM.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import ray
from ray.llm._internal.serve.core.configs.llm_config import (
    LLMConfig,
    LoraConfig,
    ModelLoadingConfig,
)
from ray.serve.config import AutoscalingConfig, RequestRouterConfig
from ray.serve.schema import ServeDeploySchema

MODELS = {
    "deploy": ServeDeploySchema,
    "llm": LLMConfig,
    "lora": LoraConfig,
    "loading": ModelLoadingConfig,
    "autoscaling": AutoscalingConfig,
    "router": RequestRouterConfig,
}


def bare(value: Any) -> Any:
    """Without the prose."""
    if isinstance(value, dict):
        prose = {"description", "title", "examples"}
        return {
            key: bare(inner)
            for key, inner in value.items()
            if key not in prose or isinstance(inner, dict)
        }
    return [bare(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    schemas = {name: bare(model.model_json_schema()) for name, model in MODELS.items()}
    json.dump({"ray": ray.__version__} | schemas, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
