"""A byte-pair tokenizer, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass

from gguf.constants import TokenType

from lemmata.models.pretokenisers import PreTokeniser


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Token ids index `tokens`; `types` says what each is (UNUSED: padding of the embedding)."""

    tokens: tuple[str, ...]
    types: tuple[TokenType, ...]
    merges: tuple[str, ...]
    """Two tokens and a space between, best first."""
    rule: PreTokeniser
    normal_form: str | None
    """The Unicode form ("NFC") that text is brought into first; libllama leaves it to callers."""
    adds_bos: bool
    special: dict[str, int]
    """bos, eos, pad, unk: those that the model has."""
    chat_template: str | None
