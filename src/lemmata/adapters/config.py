"""`adapter_config.json`: what PEFT wrote, read with suspicion, and what we write.

Everything that changes the function of the model and that not every server honours is refused
with its reason; a scale other than alpha / r is turned into a factor for B.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.adapters.weights import LARGEST_RANK, Projection, Weights
from lemmata.errors import AdapterRefused

LARGEST_CONFIG = 1 << 20
_PLAIN_INITS = {True, False, None, "gaussian", "eva", "orthogonal"}
_HARMLESS = {
    "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "exclude_modules",
    "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "loftq_config",
    "lora_alpha", "lora_dropout", "lora_ga_config", "megatron_config", "megatron_core",
    "peft_type", "peft_version", "qalora_group_size", "r", "rank_pattern", "alpha_pattern",
    "revision", "target_modules", "task_type", "use_rslora", "bias", "ensure_weight_tying",
}  # fmt: skip
"""Keys read below or without effect on served weights; any other must be empty or off."""
_REASONS = {
    "use_dora": "DoRA rescales whole weights, which neither vLLM nor llama.cpp can serve",
    "modules_to_save": "it replaces whole modules (modules_to_save), so it is no plain LoRA",
    "lora_bias": "it trains biases, which neither vLLM nor llama.cpp can serve",
    "fan_in_fan_out": "its weights are transposed (fan_in_fan_out)",
}


@dataclass(frozen=True, slots=True)
class Config:
    """The part of the configuration that says what the weights mean."""

    base: str
    revision: str | None
    rank: int
    alpha: float
    rslora: bool
    rank_pattern: dict[str, int]
    alpha_pattern: dict[str, float]
    modules: tuple[str, ...] | None
    """None: a pattern or "all-linear", which the weights themselves answer."""

    def scale(self, projection: Projection) -> float:
        """The factor PEFT puts before B @ A: alpha / r, or alpha / sqrt(r) for rsLoRA."""
        alpha: float = _matched(self.alpha_pattern, projection.key, self.alpha)
        rank = projection.rank
        return alpha / math.sqrt(rank) if self.rslora else alpha / rank

    def check(self, weights: Weights) -> None:
        """Raises AdapterRefused where weights and configuration contradict each other."""
        for projection in weights.projections:
            told = _matched(self.rank_pattern, projection.key, self.rank)
            if projection.rank != told:
                raise AdapterRefused(
                    f"{projection.key} has rank {projection.rank}, its configuration says {told}"
                )
        if self.modules is not None and self.modules != weights.modules:
            raise AdapterRefused(
                f"its configuration targets {', '.join(self.modules)}"
                f" and its weights are of {', '.join(weights.modules)}"
            )


def _matched(pattern: dict[str, Any], key: str, default: Any) -> Any:
    """PEFT's rule: the first pattern that equals the module's name or ends it after a dot."""
    for name, value in pattern.items():
        if key == name or key.endswith(f".{name}"):
            return value
    return default


def read(path: Path) -> Config:
    """Raises AdapterRefused with the reason."""
    if path.stat().st_size > LARGEST_CONFIG:
        raise AdapterRefused(f"{path.name} is larger than 1 MB")
    try:
        fields = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise AdapterRefused(f"{path.name} is not JSON") from error
    if not isinstance(fields, dict):
        raise AdapterRefused(f"{path.name} is not a JSON object")
    _refuse_kinds(fields)
    return Config(
        base=_text(fields, "base_model_name_or_path") or "",
        revision=_text(fields, "revision"),
        rank=_rank(fields.get("r")),
        alpha=_positive("lora_alpha", fields.get("lora_alpha")),
        rslora=bool(fields.get("use_rslora")),
        rank_pattern={key: _rank(v) for key, v in _pattern(fields, "rank_pattern").items()},
        alpha_pattern={
            key: _positive(key, v) for key, v in _pattern(fields, "alpha_pattern").items()
        },
        modules=_modules(fields.get("target_modules")),
    )


def _refuse_kinds(fields: dict[str, Any]) -> None:
    if fields.get("peft_type") != "LORA":
        raise AdapterRefused(f"its peft_type is {fields.get('peft_type')!r}; LORA is served")
    if fields.get("task_type") not in {"CAUSAL_LM", None}:
        raise AdapterRefused(f"its task_type is {fields['task_type']!r}; CAUSAL_LM is served")
    if fields.get("bias", "none") != "none":
        raise AdapterRefused("it trains biases, which neither vLLM nor llama.cpp can serve")
    start = fields.get("init_lora_weights", True)
    if not isinstance(start, (bool, str, type(None))) or start not in _PLAIN_INITS:
        raise AdapterRefused(
            f"it began as {start!r}, which also changed the base weights",
            "Save it as a plain delta (path_initial_model_for_weight_conversion of PEFT).",
        )
    for key, value in fields.items():
        if key not in _HARMLESS and value not in (None, False, [], {}, "none"):
            raise AdapterRefused(_REASONS.get(key, f"its {key} is set, which no server honours"))


def _text(fields: dict[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is not None and (not isinstance(value, str) or len(value) > 4096):
        raise AdapterRefused(f"its {key} is no text")
    return value


def _rank(value: object) -> int:
    if type(value) is not int or not 1 <= value <= LARGEST_RANK:
        raise AdapterRefused(
            f"its rank is {value!r}; a whole number from 1 to {LARGEST_RANK} is served"
        )
    return value


def _positive(name: str, value: object) -> float:
    if type(value) not in {int, float} or not 0 < float(value) < 1e6:  # type: ignore[arg-type]
        raise AdapterRefused(f"its {name} is {value!r}; a positive number is served")
    return float(value)  # type: ignore[arg-type]


def _pattern(fields: dict[str, Any], key: str) -> dict[str, Any]:
    value = fields.get(key) or {}
    if not isinstance(value, dict):
        raise AdapterRefused(f"its {key} is no object")
    if any(re.search(r"[^\w.]", name) for name in value):
        raise AdapterRefused(f"its {key} uses patterns", "Write the modules' names out.")
    return value


def _modules(value: object) -> tuple[str, ...] | None:
    if value is None or isinstance(value, str):
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise AdapterRefused("its target_modules are no list of names")
    return tuple(sorted({name.rsplit(".", 1)[-1] for name in value}))


def fields(
    weights: Weights, rank: int, alpha: float, base: str, revision: str | None
) -> dict[str, Any]:
    """The canonical configuration, as PEFT, vLLM and llama.cpp's converter read it."""
    contiguous = weights.layers == tuple(range(len(weights.layers)))
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "revision": revision,
        "inference_mode": True,
        "r": rank,
        "lora_alpha": int(alpha) if alpha == int(alpha) else alpha,
        "lora_dropout": 0.0,
        "target_modules": list(weights.modules),
        "layers_to_transform": None if contiguous else list(weights.layers),
        "bias": "none",
        "fan_in_fan_out": False,
        "init_lora_weights": True,
        "modules_to_save": None,
        "rank_pattern": {},
        "alpha_pattern": {},
        "use_rslora": False,
        "use_dora": False,
    }
