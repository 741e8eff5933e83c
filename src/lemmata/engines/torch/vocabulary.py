"""The tokens of a Hugging Face folder as text and as bytes."""

from __future__ import annotations

from pathlib import Path

import tokenizers
from gguf.constants import TokenType

from lemmata.engines.writing import Tokens
from lemmata.models import vocabulary_from_hf
from lemmata.models.hf_folder import read_json
from lemmata.prompts.render import ChatTemplate

_ENDS = {"<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "</s>"}
"""Control tokens that end a turn in every model that has them, as libllama sees it."""


def _bytes_of_characters() -> dict[str, int]:
    """GPT-2's printable stand-ins for bytes, and the byte that each means."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [byte for byte in range(256) if byte not in set(plain)]
    return {chr(byte): byte for byte in plain} | {
        chr(256 + at): byte for at, byte in enumerate(other)
    }


_BYTES = _bytes_of_characters()


def open_tokens(folder: Path, size: int) -> tuple[Tokens, ChatTemplate]:
    """The vocabulary of a model whose head has `size` rows, and its chat template.

    Raises ModelRefused for a tokenizer that Lemmata does not serve.
    """
    known = vocabulary_from_hf.vocabulary(folder, size)
    pieces = [_piece(*pair) for pair in zip(known.tokens, known.types, strict=True)]
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))

    def tokenize(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    tokens = Tokens(pieces.__getitem__, tokenize, _ends(folder, known.tokens, known.special))
    named = {name: known.tokens[at] for name, at in known.special.items()}
    template = known.chat_template or ""
    return tokens, ChatTemplate(template, named.get("bos", ""), named.get("eos", ""))


def _piece(token: str, kind: TokenType) -> bytes:
    """b"" for control tokens and padding, as libllama prints them."""
    if kind == TokenType.NORMAL:
        return bytes(_BYTES[char] for char in token)
    return token.encode() if kind == TokenType.USER_DEFINED else b""


def _ends(folder: Path, tokens: tuple[str, ...], special: dict[str, int]) -> frozenset[int]:
    told = folder / "generation_config.json"
    named = read_json(told).get("eos_token_id") if told.exists() else None
    ids = named if isinstance(named, list) else [named]
    ends = {at for at, token in enumerate(tokens) if token in _ENDS}
    ends |= {int(token) for token in ids if token is not None}
    return frozenset(ends | ({special["eos"]} if "eos" in special else set()))
