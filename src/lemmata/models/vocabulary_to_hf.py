"""The vocabulary as Hugging Face files, written: tokenizer.json and tokenizer_config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gguf.constants import TokenType

from lemmata.models.pretokenisers import byte_level
from lemmata.models.vocabulary import Vocabulary

_ADDED = {TokenType.CONTROL, TokenType.USER_DEFINED}


def write(vocabulary: Vocabulary, folder: Path, context: int) -> None:
    """Write both files; `context` in tokens."""
    _dump(folder / "tokenizer.json", tokenizer_json(vocabulary))
    _dump(folder / "tokenizer_config.json", _config(vocabulary, context))
    if vocabulary.chat_template:
        (folder / "chat_template.jinja").write_text(vocabulary.chat_template, encoding="utf-8")


def _dump(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def tokenizer_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """What the tokenizers library reads. Padding of the embedding is no token and is left out."""
    named = list(enumerate(zip(vocabulary.tokens, vocabulary.types, strict=True)))
    added = [_added(index, token, kind) for index, (token, kind) in named if kind in _ADDED]
    form = vocabulary.normal_form
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": form} if form else None,
        "pre_tokenizer": vocabulary.rule.rule,
        "post_processor": _post_processor(vocabulary),
        "decoder": byte_level(use_regex=True),
        "model": {
            "type": "BPE",
            "ignore_merges": vocabulary.rule.ignore_merges,
            "vocab": {t: i for i, (t, kind) in named if kind is not TokenType.UNUSED},
            "merges": [_pair(merge) for merge in vocabulary.merges],
        },
    }


def _pair(merge: str) -> list[str]:
    """The two halves; byte-level tokens hold no space, so the first one parts them."""
    left, _, right = merge.partition(" ")
    return [left, right]


def _added(index: int, token: str, kind: TokenType) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": token, "special": kind is TokenType.CONTROL, **flags}


def _post_processor(vocabulary: Vocabulary) -> dict[str, Any] | None:
    if not vocabulary.adds_bos or "bos" not in vocabulary.special:
        return None
    index = vocabulary.special["bos"]
    bos = vocabulary.tokens[index]
    first = {"SpecialToken": {"id": bos, "type_id": 0}}
    text, pair = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "type": "TemplateProcessing",
        "single": [first, text],
        "pair": [first, text, first, pair],
        "special_tokens": {bos: {"id": bos, "ids": [index], "tokens": [bos]}},
    }


def _config(vocabulary: Vocabulary, context: int) -> dict[str, Any]:
    """A class that takes tokenizer.json as it is, where a named family would build its own."""
    special = {f"{name}_token": vocabulary.tokens[at] for name, at in vocabulary.special.items()}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
        "add_bos_token": vocabulary.adds_bos,
        "chat_template": vocabulary.chat_template,
        **special,
    }
