"""A GGUF of Qwen2's shape with random weights: what speed and memory depend on, and no more.

Tokens are the 256 bytes and fillers up to the vocabulary's size. The weights are one random block
over and over: libllama reads every byte all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf.quants import quantize

from lemmata.models import gguf_metadata
from lemmata.models.architecture import Architecture

TEMPLATE = "{% for m in messages %}{{ m.content }}{% endfor %}"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Shape:
    """Of Qwen2ForCausalLM, in its own config's words."""

    hidden_size: int = 1536
    num_hidden_layers: int = 28
    num_attention_heads: int = 12
    num_key_value_heads: int = 2
    intermediate_size: int = 8960
    vocab_size: int = 151_936
    max_position_embeddings: int = 32_768

    @property
    def kv_size(self) -> int:
        return self.hidden_size * self.num_key_value_heads // self.num_attention_heads

    def architecture(self) -> Architecture:
        """The same in the words of `lemmata.models`."""
        return Architecture(
            family="qwen2",
            layers=self.num_hidden_layers,
            hidden=self.hidden_size,
            feed_forward=self.intermediate_size,
            heads=self.num_attention_heads,
            kv_heads=self.num_key_value_heads,
            head_size=self.hidden_size // self.num_attention_heads,
            context=self.max_position_embeddings,
            norm_eps=1e-6,
            rope_theta=10_000.0,
            vocabulary=self.vocab_size,
            tied=True,
        )

    def matrices(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of every matrix, the tied embedding once."""
        wide, kv, deep = self.hidden_size, self.kv_size, self.intermediate_size
        layer = {
            "attn_q": (wide, wide),
            "attn_k": (kv, wide),
            "attn_v": (kv, wide),
            "attn_output": (wide, wide),
            "ffn_gate": (deep, wide),
            "ffn_up": (deep, wide),
            "ffn_down": (wide, deep),
        }
        names = {
            f"blk.{n}.{name}.weight": size
            for n in range(self.num_hidden_layers)
            for name, size in layer.items()
        }
        return {"token_embd.weight": (self.vocab_size, wide), **names}

    def kv_bytes(self) -> int:
        """Of one token's key-value cache at f16."""
        return 2 * 2 * self.num_hidden_layers * self.kv_size


VIBETHINKER_1_5B = Shape()
TINY = Shape(64, 2, 4, 2, 96, 320, 4096)


def write(path: Path, shape: Shape, kind: Kind) -> Path:
    """The model at F16 or Q8_0. Norms and biases are F32, as quantisers leave them."""
    writer = gguf.GGUFWriter(str(path), "qwen2")
    gguf_metadata.add_shape(writer, shape.architecture())
    _vocabulary(writer, shape)
    draw = np.random.default_rng(0)
    block = draw.normal(0, 1, _BLOCK).astype(np.float32)
    for name, (rows, columns) in shape.matrices().items():
        value = np.resize(block, (rows, columns)) * np.float32(columns**-0.5)
        if name == "token_embd.weight":
            value[:2] = 0  # it never ends of itself
        if kind == Kind.F16:
            writer.add_tensor(name, value.astype(np.float16))
        else:
            writer.add_tensor(name, quantize(value, kind), raw_dtype=kind)
    _vectors(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _vectors(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_tensor("output_norm.weight", np.ones(shape.hidden_size, np.float32))
    for layer in range(shape.num_hidden_layers):
        for norm in ("attn_norm", "ffn_norm"):
            name = f"blk.{layer}.{norm}.weight"
            writer.add_tensor(name, np.ones(shape.hidden_size, np.float32))
        for part, size in (("q", shape.hidden_size), ("k", shape.kv_size), ("v", shape.kv_size)):
            writer.add_tensor(f"blk.{layer}.attn_{part}.bias", np.zeros(size, np.float32))


def _vocabulary(writer: gguf.GGUFWriter, shape: Shape) -> None:
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    letters = [chr(byte) if byte in plain else chr(next(other)) for byte in range(256)]
    control = ["<|endoftext|>", "<|im_end|>"]
    fillers = [f"filler{n}" for n in range(shape.vocab_size - len(letters) - len(control))]
    kinds = [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.NORMAL] * (shape.vocab_size - 2)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*control, *letters, *fillers])
    writer.add_token_types(kinds)
    writer.add_token_merges(["f i"])
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(0)
    writer.add_chat_template(TEMPLATE)
