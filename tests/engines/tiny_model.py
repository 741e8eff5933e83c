"""A whole model of 100 KB with random weights: real libllama, real scheduling, in microseconds.

Tokens are bytes (and a few words), so any text goes through. Weights are float32, so that a text
hardly depends on the company in which it was computed.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from lemmata.adapters import canonical
from lemmata.adapters.manifest import Manifest

BASE = "tests/tiny"
HIDDEN, HEADS, KV_HEADS, FEED_FORWARD, LAYERS, CONTEXT = 64, 4, 2, 96, 2, 1024
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def _bytes() -> list[str]:
    """GPT-2's printable stand-ins for all bytes, in byte order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(other)) for byte in range(256)]


def write(path: Path, seed: int = 0, broken: bool = False) -> Path:
    """`broken`: weights as a bad quantisation leaves them."""
    words = ["<think>", "</think>"]
    tokens = [*CONTROL, *_bytes(), "th", *words]
    kinds = [gguf.TokenType.CONTROL] * 3 + [gguf.TokenType.NORMAL] * 257
    kinds += [gguf.TokenType.USER_DEFINED] * 2
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(2)
    writer.add_bos_token_id(1)
    writer.add_chat_template(TEMPLATE)
    for name, value in _weights(np.random.default_rng(seed), len(tokens)).items():
        writer.add_tensor(name, np.zeros_like(value) if broken else value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(draw: np.random.Generator, vocabulary: int) -> dict[str, np.ndarray]:
    def matrix(rows: int, columns: int, size: float = 1.0) -> np.ndarray:
        return draw.normal(0, size * columns**-0.5, (rows, columns)).astype("f4")

    output = matrix(vocabulary, HIDDEN, 4.0)
    output[:3] = output[-2:] = 0  # it never ends, and never thinks, of itself
    tensors = {
        "token_embd.weight": matrix(vocabulary, HIDDEN, 8.0),
        "output_norm.weight": np.ones(HIDDEN, "f4"),
        "output.weight": output,
    }
    kv = HIDDEN * KV_HEADS // HEADS
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            tensors[f"blk.{layer}.{norm}.weight"] = np.ones(HIDDEN, "f4")
        for name, rows, columns in (
            ("attn_q", HIDDEN, HIDDEN), ("attn_k", kv, HIDDEN), ("attn_v", kv, HIDDEN),
            ("attn_output", HIDDEN, HIDDEN), ("ffn_gate", FEED_FORWARD, HIDDEN),
            ("ffn_up", FEED_FORWARD, HIDDEN), ("ffn_down", HIDDEN, FEED_FORWARD),
        ):  # fmt: skip
            tensors[f"blk.{layer}.{name}.weight"] = matrix(rows, columns, 1.5)
    return tensors


def adapter(folder: Path, seed: int = 0, size: float = 1.0):
    """A random adapter for it, strong enough that another text comes out."""
    draw = np.random.default_rng(1000 + seed)
    tensors = {}
    for layer in range(LAYERS):
        for part, rows in (("q_proj", HIDDEN), ("v_proj", HIDDEN * KV_HEADS // HEADS)):
            key = f"base_model.model.model.layers.{layer}.self_attn.{part}"
            tensors[f"{key}.lora_A.weight"] = draw.normal(0, HIDDEN**-0.5, (4, HIDDEN))
            tensors[f"{key}.lora_B.weight"] = draw.normal(0, size, (rows, 4))
    return canonical.save(folder, tensors, rank=4, alpha=8, about=Manifest(base=BASE))
