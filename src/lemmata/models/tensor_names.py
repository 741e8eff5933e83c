"""Which tensor is which: Hugging Face names against GGUF names, and the order of rotary rows.

Qwen2 and Llama share one layout. The two differ in rotary embedding: Hugging Face rotates the
first half of a head against the second, GGUF's `llama` rotates neighbours, so the rows of q and k
are reordered there; GGUF's `qwen2` keeps Hugging Face's order.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

_OUTSIDE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
_INSIDE = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_TO_HF_OUTSIDE = {gguf: hf for hf, gguf in _OUTSIDE.items()}
_TO_HF_INSIDE = {gguf: hf for hf, gguf in _INSIDE.items()}


def to_gguf(name: str) -> str | None:
    """The GGUF name of a Hugging Face tensor; None: not of this family."""
    if name in _OUTSIDE:
        return _OUTSIDE[name]
    found = re.fullmatch(r"model\.layers\.(\d+)\.(.+)\.(weight|bias)", name)
    if found is None or found[2] not in _INSIDE:
        return None
    return f"blk.{found[1]}.{_INSIDE[found[2]]}.{found[3]}"


def to_hf(name: str) -> str | None:
    """The Hugging Face name of a GGUF tensor; None: not of this family."""
    if name in _TO_HF_OUTSIDE:
        return _TO_HF_OUTSIDE[name]
    found = re.fullmatch(r"blk\.(\d+)\.(.+)\.(weight|bias)", name)
    if found is None or found[2] not in _TO_HF_INSIDE:
        return None
    return f"model.layers.{found[1]}.{_TO_HF_INSIDE[found[2]]}.{found[3]}"


def rotary(name: str) -> bool:
    """Whether the rows of this GGUF tensor are rotated, so that their order matters."""
    return bool(re.fullmatch(r"blk\.\d+\.attn_[qk]\.(weight|bias)", name))


def interleave(rows: npt.NDArray[Any], heads: int) -> npt.NDArray[Any]:
    """Hugging Face's row order to GGUF `llama`'s. `rows` is [heads * head size, …]."""
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows.shape)


def deinterleave(rows: npt.NDArray[Any], heads: int) -> npt.NDArray[Any]:
    """The inverse of `interleave`."""
    pairs = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows.shape)
