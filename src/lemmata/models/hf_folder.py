"""Which files of a Hugging Face repository make a model, and whether they are all there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lemmata.errors import ModelRefused

_WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors")
_TEXTS = frozenset(
    {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "chat_template.jinja",
        "chat_template.json",
        "model.safetensors.index.json",
        "LICENSE",
        "README.md",
    }
)
_NEEDED = ("config.json", "tokenizer.json")


def wanted(names: list[str]) -> list[str]:
    """The files of a repository that are fetched: weights as safetensors, never pickles or code.

    Raises ModelRefused where they do not make a model.
    """
    found = [name for name in names if name in _TEXTS or _WEIGHTS.fullmatch(name)]
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise ModelRefused(
            f"the model has no {missing[0]}", "Lemmata needs it to convert the model."
        )
    if not any(_WEIGHTS.fullmatch(name) for name in found):
        raise ModelRefused(
            "the model has no safetensors weights", "Pickled weights are not loaded."
        )
    return sorted(found)


def files(folder: Path) -> list[Path]:
    """The model's files in a local folder. Raises ModelRefused where some are missing."""
    if not folder.is_dir():
        raise ModelRefused(f"there is no model folder at {folder}")
    return [folder / name for name in wanted([path.name for path in folder.iterdir()])]


def weights(folder: Path) -> list[Path]:
    """The safetensors files, all shards that the index names. Raises ModelRefused."""
    paths = [path for path in files(folder) if _WEIGHTS.fullmatch(path.name)]
    index = folder / "model.safetensors.index.json"
    if index.exists():
        named = set(read_json(index).get("weight_map", {}).values())
        missing = sorted(named - {path.name for path in paths})
        if missing:
            raise ModelRefused(f"{folder.name} lacks the weights {missing[0]}")
    return paths


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of the model. Raises ModelRefused where it is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelRefused(f"{path.name} of the model is missing or no JSON") from error
    if not isinstance(value, dict):
        raise ModelRefused(f"{path.name} of the model is not an object")
    return value
