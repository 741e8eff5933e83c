"""What a GGUF says of itself: its chat template, its quantisation, where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gguf.constants import LlamaFileType

from lemmata.errors import ModelRefused
from lemmata.models import gguf_header, pretokenisers, vocabulary_gguf
from lemmata.models.architecture_gguf import architecture
from lemmata.models.gguf_header import Header


class ChatSource(NamedTuple):
    """What `prompts.render.ChatTemplate` is made of: `ChatTemplate(*chat_template(path))`."""

    source: str
    bos: str
    eos: str


def validated(path: Path) -> Header:
    """The header of a model that libllama can be trusted with. Raises ModelRefused."""
    header = gguf_header.read(path)
    if header.metadata.get("split.count", 1) not in {0, 1}:
        raise ModelRefused(
            f"{path.name} is one part of several", "Merge them with llama-gguf-split --merge."
        )
    shape = architecture(header)
    vocabulary_gguf.vocabulary(header, shape.vocabulary)
    return header


def chat_template(path: Path) -> ChatSource:
    """The model's own template and its special tokens as text ("" for none).

    Raises ModelRefused where the file carries none.
    """
    return chat_source(gguf_header.read(path))


def chat_source(header: Header) -> ChatSource:
    """The same of a header that was read before."""
    source = header.metadata.get("tokenizer.chat_template")
    if not isinstance(source, str) or not source:
        raise ModelRefused(
            f"{header.path.name} has no chat template", "Use a model tuned for conversation."
        )
    return ChatSource(source, _special(header, "bos"), _special(header, "eos"))


def _special(header: Header, which: str) -> str:
    index = header.metadata.get(f"tokenizer.ggml.{which}_token_id")
    tokens = header.metadata.get("tokenizer.ggml.tokens", [])
    if not isinstance(index, int) or index >= len(tokens):
        return ""
    return str(tokens[index])


def normal_form(path: Path) -> str | None:
    """The Unicode form ("NFC" or None) that text must be in before libllama cuts it."""
    return text_form(gguf_header.read(path))


def text_form(header: Header) -> str | None:
    """The same of a header that was read before."""
    rule = pretokenisers.named(str(header.metadata.get("tokenizer.ggml.pre")))
    return vocabulary_gguf.normal_form(header, rule)


def _written(kind: LlamaFileType) -> str:
    return str(kind.name).removeprefix("MOSTLY_").removeprefix("ALL_").lower()


PRECISIONS = frozenset(map(_written, LlamaFileType))
"""All that a GGUF may state, as people write them."""


def quantisation(header: Header) -> str:
    """The name of the weights' precision, as people write it: "q8_0", "q4_k_m", "f16"."""
    kind = header.metadata.get("general.file_type")
    if kind not in {known.value for known in LlamaFileType}:
        return "unknown"
    return _written(LlamaFileType(kind))


def hub_id(header: Header) -> str | None:
    """The hub id that the file states as its source, if it does."""
    address = str(header.metadata.get("general.source.repo_url") or "")
    parts = address.rstrip("/").split("/")
    return "/".join(parts[-2:]) if address.startswith("https://") and len(parts) >= 5 else None
