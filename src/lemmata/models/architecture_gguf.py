"""The architecture out of a GGUF header, checked, so that libllama meets no surprise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from lemmata.errors import ModelRefused
from lemmata.models.architecture import FAMILIES, Architecture, RopeScaling
from lemmata.models.gguf_header import Header

_PLAIN_ROPE = {None, "none"}
LLAMA3_CONTEXT = 8192
"""GGUF keeps only the outcome of llama3 scaling; every published model was stretched from here."""


def architecture(header: Header) -> Architecture:
    """Raises ModelRefused for another family, a missing or senseless number, a missing tensor."""
    keys = _Keys(header)
    heads, hidden = keys.count("attention.head_count"), keys.count("embedding_length")
    head_size = keys.count("attention.key_length", hidden // heads)
    plain = Architecture(
        family=keys.family,
        layers=keys.count("block_count"),
        hidden=hidden,
        feed_forward=keys.count("feed_forward_length"),
        heads=heads,
        kv_heads=keys.count("attention.head_count_kv", heads),
        head_size=head_size,
        context=keys.count("context_length"),
        norm_eps=keys.number("attention.layer_norm_rms_epsilon"),
        rope_theta=keys.number("rope.freq_base", 10_000.0),
        vocabulary=_embedding(header)[0],
        tied="output.weight" not in header.tensors,
        rope_scaling=None,
    )
    if keys.count("rope.dimension_count", head_size) != head_size:
        raise keys.refused("rope.dimension_count")
    _check_tensors(header, plain)
    return _scaled(plain, keys, header)


def _embedding(header: Header) -> tuple[int, ...]:
    if "token_embd.weight" not in header.tensors:
        raise ModelRefused(f"{header.path.name} has no token embedding")
    return header.tensors["token_embd.weight"].shape


class _Keys:
    def __init__(self, header: Header) -> None:
        self._header = header
        family = header.architecture
        if family not in FAMILIES:
            raise ModelRefused(
                f"{header.path.name} is of the family {family or 'none'!r}",
                f"Lemmata serves {' and '.join(FAMILIES)}.",
            )
        self.family: Literal["qwen2", "llama"] = family

    def refused(self, name: str) -> ModelRefused:
        value = self.get(name)
        return ModelRefused(f"{self._header.path.name} has {self.family}.{name} = {value!r}")

    def get(self, name: str, default: Any = None) -> Any:
        return self._header.metadata.get(f"{self.family}.{name}", default)

    def count(self, name: str, default: int | None = None) -> int:
        value = self.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
            raise self.refused(name)
        return value

    def number(self, name: str, default: float | None = None) -> float:
        value = self.get(name, default)
        if not isinstance(value, float) or not 0 < value < 1e12:
            raise self.refused(name)
        return _shortest(value)


def _shortest(value: float) -> float:
    """The decimal a person wrote, from its float32: 1e-05 rather than 9.999999747378752e-06."""
    return float(str(np.float32(value)))


def expected_shapes(shape: Architecture) -> dict[str, tuple[int, ...]]:
    """Every tensor that the family must have, as [rows, columns]."""
    q, kv = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    hidden, feed_forward = shape.hidden, shape.feed_forward
    block = {
        "attn_norm.weight": (hidden,),
        "attn_q.weight": (q, hidden),
        "attn_k.weight": (kv, hidden),
        "attn_v.weight": (kv, hidden),
        "attn_output.weight": (hidden, q),
        "ffn_norm.weight": (hidden,),
        "ffn_gate.weight": (feed_forward, hidden),
        "ffn_up.weight": (feed_forward, hidden),
        "ffn_down.weight": (hidden, feed_forward),
    }
    if shape.family == "qwen2":
        block |= {"attn_q.bias": (q,), "attn_k.bias": (kv,), "attn_v.bias": (kv,)}
    outside = {
        "token_embd.weight": (shape.vocabulary, hidden),
        "output_norm.weight": (hidden,),
    } | ({} if shape.tied else {"output.weight": (shape.vocabulary, hidden)})
    return outside | {
        f"blk.{layer}.{name}": size for layer in range(shape.layers) for name, size in block.items()
    }


def _check_tensors(header: Header, shape: Architecture) -> None:
    if shape.heads % shape.kv_heads:
        raise ModelRefused(
            f"{header.path.name} has {shape.heads} heads for {shape.kv_heads} keys and values"
        )
    if shape.layers > len(header.tensors):
        raise ModelRefused(f"{header.path.name} claims {shape.layers} layers and has fewer tensors")
    for name, size in expected_shapes(shape).items():
        if name not in header.tensors:
            raise ModelRefused(f"{header.path.name} lacks the tensor {name}")
        if header.tensors[name].shape != size:
            raise ModelRefused(
                f"{header.path.name}: {name} is {header.tensors[name].shape}, not {size}"
            )


def _scaled(plain: Architecture, keys: _Keys, header: Header) -> Architecture:
    kind = keys.get("rope.scaling.type")
    if "rope_freqs.weight" in header.tensors:
        return _llama3(plain, header)
    if kind in _PLAIN_ROPE:
        return plain
    if kind not in {"linear", "yarn"}:
        raise keys.refused("rope.scaling.type")
    original = keys.get("rope.scaling.original_context_length")
    return replace(
        plain, rope_scaling=RopeScaling(kind, keys.number("rope.scaling.factor"), original)
    )


def _llama3(plain: Architecture, header: Header) -> Architecture:
    """Find the llama3 rule whose outcome is the stored tensor; refuse where none is."""
    stored = header.raw("rope_freqs.weight").view(np.float32).ravel()
    rule = RopeScaling("llama3", float(stored.max()), LLAMA3_CONTEXT)
    scaled = replace(plain, rope_scaling=rule)
    if stored.shape != (plain.head_size // 2,) or not np.allclose(
        scaled.divisors(), stored, rtol=1e-4
    ):
        raise ModelRefused(f"{header.path.name} stretches its rotary frequencies in an unknown way")
    return scaled
