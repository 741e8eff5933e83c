"""How text is cut before byte-pair encoding: one table for both directions, nothing guessed.

A tokenizer.json states its own rule; libllama knows rules by name. A rule stands here only if the
two cut alike, which tests/models checks id by id.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lemmata.errors import ModelRefused

_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level(use_regex: bool) -> dict[str, Any]:
    """The step that turns bytes into printable characters, cutting words too with `use_regex`."""
    options = {"add_prefix_space": False, "trim_offsets": False, "use_regex": use_regex}
    return {"type": "ByteLevel", **options}


def _split(regex: str) -> dict[str, Any]:
    pattern = {"Regex": regex}
    return {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}


def _sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(steps)}


@dataclass(frozen=True, slots=True)
class PreTokeniser:
    """`names` are libllama's, the first one is written; `rule` is the tokenizers library's."""

    names: tuple[str, ...]
    rule: dict[str, Any]
    ignore_merges: bool = False
    """Whether a word that is a token whole is taken whole, whatever its merges."""
    adds_bos: bool = False
    """What libllama does where a GGUF does not say."""
    normal_form: str | None = None
    """The Unicode form that models with this rule bring text into first."""


KNOWN = (
    PreTokeniser(
        ("qwen2", "deepseek-r1-qwen"),
        _sequence(_split(_WORDS % ""), byte_level(False)),
        normal_form="NFC",
    ),
    PreTokeniser(
        ("llama-bpe", "llama3", "llama-v3"),
        _sequence(_split(_WORDS % "{1,3}"), byte_level(False)),
        ignore_merges=True,
        adds_bos=True,
    ),
    PreTokeniser(
        ("smollm",),
        _sequence({"type": "Digits", "individual_digits": True}, byte_level(True)),
    ),
    PreTokeniser(("gpt-2",), byte_level(True)),
)


def named(name: str) -> PreTokeniser:
    """The rule that libllama calls `name`. Raises ModelRefused for one not in the table."""
    for known in KNOWN:
        if name in known.names:
            return known
    raise ModelRefused(f"the tokenizer's rule {name!r} is not known")


def detect(tokenizer: dict[str, Any]) -> PreTokeniser:
    """The rule that a tokenizer.json states. Raises ModelRefused for one not in the table."""
    stated = _essence(tokenizer.get("pre_tokenizer"))
    ignores = bool(tokenizer["model"].get("ignore_merges", False))
    for known in KNOWN:
        if _essence(known.rule) == stated and known.ignore_merges == ignores:
            return known
    raise ModelRefused(
        f"the tokenizer cuts text by a rule that is not known: {json.dumps(stated)[:120]}"
    )


def _essence(rule: Any) -> Any:
    """The rule without what does not change token ids."""
    if isinstance(rule, dict):
        return {key: _essence(value) for key, value in rule.items() if key != "trim_offsets"}
    if isinstance(rule, list):
        return [_essence(step) for step in rule]
    return rule
