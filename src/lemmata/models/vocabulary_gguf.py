"""The byte-pair vocabulary in a GGUF, checked."""

from __future__ import annotations

from typing import Any

from gguf.constants import TokenType

from lemmata.errors import ModelRefused
from lemmata.models import pretokenisers
from lemmata.models.gguf_header import Header
from lemmata.models.pretokenisers import PreTokeniser
from lemmata.models.vocabulary import Vocabulary

NORMAL_FORM = "lemmata.tokenizer.normal_form"
"""A key of ours: GGUF has none for it. "" says: none."""


def vocabulary(header: Header, size: int) -> Vocabulary:
    """Raises ModelRefused unless it is a whole byte-pair vocabulary of `size` tokens."""
    if _get(header, "model") != "gpt2":
        raise ModelRefused(
            f"{header.path.name} has a tokenizer of the kind {_get(header, 'model')!r}",
            "Byte-pair tokenizers (gpt2) are served.",
        )
    tokens, merges = _strings(header, "tokens"), _strings(header, "merges")
    types = _get(header, "token_type") or []
    if len(tokens) != size or len(types) != size or len(set(tokens)) != size:
        raise ModelRefused(
            f"{header.path.name} embeds {size} tokens and names {len(set(tokens))} of them"
        )
    if any("\0" in token for token in tokens):  # libllama would cut there, and abort on a twin
        raise ModelRefused(f"{header.path.name} has a token with a zero byte")
    if not all(1 <= kind <= max(TokenType) for kind in types):
        raise ModelRefused(f"{header.path.name} has a token of no known type")
    if any(merge.find(" ", 1) < 0 for merge in merges):
        raise ModelRefused(f"{header.path.name} has a merge that is not of two tokens")
    rule = pretokenisers.named(str(_get(header, "pre")))
    adds_bos = _get(header, "add_bos_token")
    return Vocabulary(
        tokens=tokens,
        types=tuple(TokenType(kind) for kind in types),
        merges=merges,
        rule=rule,
        normal_form=normal_form(header, rule),
        adds_bos=rule.adds_bos if adds_bos is None else bool(adds_bos),
        special=_special(header, size),
        chat_template=header.metadata.get("tokenizer.chat_template"),
    )


def normal_form(header: Header, rule: PreTokeniser) -> str | None:
    """What our own conversion noted, else what models with this rule have."""
    return header.metadata.get(NORMAL_FORM, rule.normal_form or "") or None


_SPECIAL = {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}


def _special(header: Header, size: int) -> dict[str, int]:
    found = {}
    for name, key in _SPECIAL.items():
        index = _get(header, f"{key}_token_id")
        if index is None:
            continue
        if not isinstance(index, int) or not 0 <= index < size:
            raise ModelRefused(f"{header.path.name} has {name} token {index!r} of {size}")
        found[name] = index
    return found


def _get(header: Header, key: str) -> Any:
    return header.metadata.get(f"tokenizer.ggml.{key}")


def _strings(header: Header, key: str) -> tuple[str, ...]:
    values = _get(header, key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ModelRefused(f"{header.path.name} has no list of {key}")
    return tuple(values)
