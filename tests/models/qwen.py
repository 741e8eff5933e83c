"""The real Qwen tokenizer, and a Qwen2 model with random weights around it.

Qwen publishes its vocabulary in the wheel `dashscope` (Apache-2.0) as tiktoken ranks: each line a
token in base64 and its rank. Byte-pair merges follow from the ranks: a token was made by joining
the two parts that it has before its own rank is reached.
"""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path

from lemmata.models.catalog import Wheel

REQUIREMENT = "dashscope==2.0.2"
WHEEL = Wheel(
    sha256="0602d1800f7433bdb7953560986eaf5146454ed3988636c0a91963ba24e74258",
    size=2_425_551,
    member="dashscope/resources/qwen.tiktoken",
    member_sha256="b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
    member_size=2_561_218,
)
ROWS = 151_936
"""Rows of the embedding; the tokenizer has 151,665."""
_REGEX = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CONTROL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>"),
    *("<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>"),
    *("<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
)
_PLAIN = (
    *("<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"),
    *("<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
)
TEMPLATE = (
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    "<|im_end|>\n{%- endfor %}{%- if add_generation_prompt %}<|im_start|>assistant\n{%- endif %}"
)


def tokenizer_json(tiktoken: Path) -> dict[str, object]:
    return _tokenizer(_ranks(tiktoken))


def small_tokenizer(tiktoken: Path, size: int) -> dict[str, object]:
    """The oldest tokens only: a beginning of the ranks is itself a whole vocabulary."""
    ranks = _ranks(tiktoken)
    return _tokenizer({token: rank for token, rank in ranks.items() if rank < size})


def _tokenizer(ranks: dict[bytes, int]) -> dict[str, object]:
    letters = _letters()
    names = {token: "".join(letters[byte] for byte in token) for token in ranks}
    added = [*((text, True) for text in _CONTROL), *((text, False) for text in _PLAIN)]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
    split = {"type": "Split", "pattern": {"Regex": _REGEX}, "behavior": "Isolated", "invert": False}
    steps = [split, {**byte_level, "use_regex": False}]
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": len(ranks) + at, "content": text, "special": special, **flags}
            for at, (text, special) in enumerate(added)
        ],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": {**byte_level, "use_regex": False},
        "decoder": {**byte_level, "use_regex": False},
        "model": {
            "type": "BPE",
            "vocab": {names[token]: rank for token, rank in ranks.items()},
            "merges": [
                " ".join(names[part] for part in _parts(token, ranks))
                for token in ranks
                if len(token) > 1
            ],
        },
    }


def _ranks(tiktoken: Path) -> dict[bytes, int]:
    lines = tiktoken.read_bytes().split(b"\n")
    pairs = (line.split() for line in lines if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


def _letters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(256 + at) for at, byte in enumerate(others)
    }


def _parts(token: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """Merge the bytes of a token, best pair first, while pairs are older than the token."""
    parts = [token[at : at + 1] for at in range(len(token))]
    limit = ranks[token]
    while len(parts) > 2:
        pairs = [ranks.get(left + right, limit) for left, right in itertools.pairwise(parts)]
        best = min(pairs)
        assert best < limit, token
        at = pairs.index(best)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


def write_tokenizer(tokenizer: dict[str, object], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def write_model(
    folder: Path,
    *,
    family: str = "Qwen2",
    tied: bool = True,
    rows: int = ROWS,
    scaling: dict[str, object] | None = None,
    **more: object,
) -> None:
    """Random weights large enough that logits differ by far more than rounding."""
    import torch
    import transformers

    torch.manual_seed(7)
    config = getattr(transformers, f"{family}Config")(
        vocab_size=rows,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=16_384,
        rope_parameters={"rope_theta": 1_000_000.0, **(scaling or {"rope_type": "default"})},
        tie_word_embeddings=tied,
        initializer_range=0.2,
        eos_token_id=rows - 1,
        **more,
    )
    model = getattr(transformers, f"{family}ForCausalLM")(config)
    for name, value in model.named_parameters():
        if name.endswith(".bias"):
            torch.nn.init.normal_(value, std=0.5)
    model.save_pretrained(folder)
