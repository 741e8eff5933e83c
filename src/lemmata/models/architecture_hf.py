"""The architecture in `config.json`, both ways, in the words of transformers 4 and 5."""

from __future__ import annotations

from typing import Any

from lemmata.errors import ModelRefused
from lemmata.models.architecture import FAMILIES, Architecture, RopeScaling, ScalingType

_CLASSES = {"qwen2": "Qwen2ForCausalLM", "llama": "LlamaForCausalLM"}
_ROPE_KEYS: dict[ScalingType, tuple[str, ...]] = {
    "llama3": ("low_freq_factor", "high_freq_factor"),
    "linear": (),
    "yarn": (),
}


def config(shape: Architecture, tensors: set[str], dtype: str) -> dict[str, Any]:
    """`config.json` for this shape. `tensors`: Hugging Face names present; `dtype`: torch's name.

    Token ids are not part of it; whoever knows the tokenizer adds them.
    """
    values = {
        "architectures": [_CLASSES[shape.family]],
        "model_type": shape.family,
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_size,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": shape.norm_eps,
        "rope_theta": shape.rope_theta,
        "rope_scaling": _rope(shape),
        "vocab_size": shape.vocabulary,
        "tie_word_embeddings": shape.tied,
        "torch_dtype": dtype,
    }
    if shape.family == "llama":
        values["attention_bias"] = "model.layers.0.self_attn.q_proj.bias" in tensors
        values["mlp_bias"] = "model.layers.0.mlp.up_proj.bias" in tensors
    return values


def _rope(shape: Architecture) -> dict[str, Any] | None:
    scaling = shape.rope_scaling
    if scaling is None:
        return None
    values: dict[str, Any] = {"rope_type": scaling.type, "factor": scaling.factor}
    if scaling.original_context:
        values["original_max_position_embeddings"] = scaling.original_context
    return values | {key: getattr(scaling, key) for key in _ROPE_KEYS[scaling.type]}


def architecture(config: dict[str, Any]) -> Architecture:
    """The shape that a `config.json` states. Raises ModelRefused where it is not one we serve."""
    family = config.get("model_type")
    if family not in FAMILIES:
        raise ModelRefused(
            f"the model is of the family {family!r}", f"Lemmata serves {' and '.join(FAMILIES)}."
        )
    if config.get("use_sliding_window") or config.get("hidden_act", "silu") != "silu":
        raise ModelRefused("sliding windows and activations other than silu are not served")
    heads, hidden = _count(config, "num_attention_heads"), _count(config, "hidden_size")
    theta, scaling = _read_rope(config)
    if family == "qwen2" and scaling is not None and scaling.type == "llama3":
        raise ModelRefused("libllama has no llama3 rotary scaling for qwen2")
    return Architecture(
        family=family,
        layers=_count(config, "num_hidden_layers"),
        hidden=hidden,
        feed_forward=_count(config, "intermediate_size"),
        heads=heads,
        kv_heads=_count(config, "num_key_value_heads", heads),
        head_size=_count(config, "head_dim", hidden // heads),
        context=_count(config, "max_position_embeddings"),
        norm_eps=float(config["rms_norm_eps"]),
        rope_theta=theta,
        vocabulary=_count(config, "vocab_size"),
        tied=bool(config.get("tie_word_embeddings", False)),
        rope_scaling=scaling,
    )


def _count(config: dict[str, Any], key: str, default: int | None = None) -> int:
    value = config.get(key)
    value = default if value is None else value
    if not isinstance(value, int) or value <= 0:
        raise ModelRefused(f"config.json has {key} = {value!r}")
    return value


def _read_rope(config: dict[str, Any]) -> tuple[float, RopeScaling | None]:
    """transformers 5 writes `rope_parameters`; 4 writes `rope_theta` and `rope_scaling`."""
    stated = config.get("rope_parameters") or config.get("rope_scaling") or {}
    theta = float(stated.get("rope_theta") or config.get("rope_theta") or 10_000.0)
    named = stated.get("rope_type") or stated.get("type") or "default"
    if named == "default":
        return theta, None
    kind = next((known for known in _ROPE_KEYS if known == named), None)
    if kind is None:
        raise ModelRefused(f"rotary scaling of the type {named!r} is not served")
    original = stated.get("original_max_position_embeddings")
    extra = {key: float(stated[key]) for key in _ROPE_KEYS[kind]}
    return theta, RopeScaling(kind, float(stated["factor"]), original, **extra)
