"""The vocabulary out of a Hugging Face folder; what libllama would cut differently is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tokenizers
from gguf.constants import TokenType

from lemmata.errors import ModelRefused
from lemmata.models import pretokenisers
from lemmata.models.hf_folder import read_json
from lemmata.models.vocabulary import Vocabulary

_NO_NORMALISER = (None, {"type": "Sequence", "normalizers": []})


def vocabulary(folder: Path, size: int) -> Vocabulary:
    """The tokenizer of a model whose embedding has `size` rows; rows without a token are padded.

    Raises ModelRefused for a tokenizer that libllama has no equal of.
    """
    stated = read_json(folder / "tokenizer.json")
    config = _optional(folder / "tokenizer_config.json")
    model = _byte_pairs(stated)
    tokens, types = _tokens(stated, model["vocab"], size)
    special = _special(config, _optional(folder / "config.json"), tokens)
    return Vocabulary(
        tokens=tuple(tokens),
        types=tuple(types),
        merges=tuple(m if isinstance(m, str) else " ".join(m) for m in model["merges"]),
        rule=pretokenisers.detect(stated),
        normal_form=_normal_form(stated.get("normalizer")),
        adds_bos=_adds_bos(folder, config, special.get("bos")),
        special=special,
        chat_template=_chat_template(folder, config),
    )


def _optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.exists() else {}


def _byte_pairs(stated: dict[str, Any]) -> dict[str, Any]:
    model = stated.get("model")
    if not isinstance(model, dict) or model.get("type", "BPE") != "BPE" or "merges" not in model:
        raise ModelRefused("the tokenizer is not a byte-pair one")
    for option in ("byte_fallback", "dropout", "continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(option):
            raise ModelRefused(f"the tokenizer uses {option}, which is not served")
    return model


def _tokens(
    stated: dict[str, Any], vocab: dict[str, int], size: int
) -> tuple[list[str], list[TokenType]]:
    tokens = [f"[PAD{index}]" for index in range(size)]
    types = [TokenType.UNUSED] * size
    for token, index in vocab.items():
        _within(index, size)
        tokens[index], types[index] = token, TokenType.NORMAL
    for added in stated.get("added_tokens", []):
        _within(added["id"], size)
        if added.get("lstrip") or added.get("rstrip") or added.get("single_word"):
            raise ModelRefused(f"the token {added['content']!r} swallows its surroundings")
        kind = TokenType.CONTROL if added.get("special") else TokenType.USER_DEFINED
        tokens[added["id"]], types[added["id"]] = added["content"], kind
    return tokens, types


def _within(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ModelRefused(f"the tokenizer has the token {index}, the model embeds {size}")


def _normal_form(stated: Any) -> str | None:
    if stated in _NO_NORMALISER:
        return None
    if stated == {"type": "NFC"}:
        return "NFC"
    raise ModelRefused(f"the tokenizer's normaliser is not served: {str(stated)[:120]}")


def _special(
    config: dict[str, Any], model_config: dict[str, Any], tokens: list[str]
) -> dict[str, int]:
    """Named by text in tokenizer_config.json, else by id in config.json."""
    found = {}
    for name in ("bos", "eos", "pad", "unk"):
        text = config.get(f"{name}_token")
        text = text.get("content") if isinstance(text, dict) else text
        index = tokens.index(text) if text in tokens else model_config.get(f"{name}_token_id")
        index = index[0] if isinstance(index, list) else index
        if isinstance(index, int) and 0 <= index < len(tokens):
            found[name] = index
    return found


def _adds_bos(folder: Path, config: dict[str, Any], bos: int | None) -> bool:
    """Ask the tokenizer itself; some models state it in the configuration only."""
    if bos is None:
        return False
    ids = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")).encode("a").ids
    return ids[:1] == [bos] or config.get("add_bos_token") is True


def _chat_template(folder: Path, config: dict[str, Any]) -> str | None:
    file = folder / "chat_template.jinja"
    if file.exists():
        return file.read_text(encoding="utf-8")
    stated = config.get("chat_template")
    if isinstance(stated, list):
        named = {each["name"]: each["template"] for each in stated}
        return named.get("default")
    return stated if isinstance(stated, str) else None
