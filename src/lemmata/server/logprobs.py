"""Log-probabilities in the two forms that OpenAI's routes give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lemmata.engines.base import TokenLogprob


def of_chat(tokens: Sequence[TokenLogprob]) -> dict[str, Any]:
    """`logprobs` of a chat choice. `bytes` are the token's text in UTF-8."""
    return {
        "content": [
            _entry(token.text, token.logprob)
            | {"top_logprobs": [_entry(text, logprob) for _, text, logprob in token.top]}
            for token in tokens
        ],
        "refusal": None,
    }


def _entry(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def of_text(tokens: Sequence[TokenLogprob], offset: int) -> dict[str, Any]:
    """`logprobs` of a text choice whose first token begins at character `offset`."""
    offsets = []
    for token in tokens:
        offsets.append(offset)
        offset += len(token.text)
    return {
        "tokens": [token.text for token in tokens],
        "token_logprobs": [token.logprob for token in tokens],
        "top_logprobs": [{text: value for _, text, value in token.top} for token in tokens],
        "text_offset": offsets,
    }
