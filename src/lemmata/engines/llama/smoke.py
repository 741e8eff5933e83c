"""Weights broken by a bad quantisation print one token, or no text, for ever: found before traffic.

The model continues a plain text for a few tokens, greedily, and is refused where its logits are not
numbers, where it repeats one token only, or where nothing it writes is a letter, digit or mark.
"""

from __future__ import annotations

import numpy as np

from lemmata.engines.llama.library import Context, Vocabulary
from lemmata.errors import ModelRefused

PROMPT = "The numbers from one to ten are: one, two, three,"
LENGTH = 8
_MEND = "Fetch the model again, or take another quantisation (Q8_0)."


def check(context: Context, vocabulary: Vocabulary) -> None:
    """Raises ModelRefused. Leaves the cells empty."""
    tokens = vocabulary.tokenize(PROMPT)
    rows = [(token, i, 0, i == len(tokens) - 1) for i, token in enumerate(tokens)]
    written: list[int] = []
    for position in range(len(tokens), len(tokens) + LENGTH):
        context.decode(rows)
        logits = context.logits(len(rows) - 1)
        if not np.isfinite(logits).all():
            raise ModelRefused("the model's weights are broken: its logits are no numbers", _MEND)
        written.append(int(logits.argmax()))
        rows = [(written[-1], position, 0, True)]
    context.trim(0, 0)
    _judge(written, b"".join(vocabulary.piece(token) for token in written))


def _judge(tokens: list[int], raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    if len(set(tokens)) == 1 or not any(char.isalnum() for char in text):
        raise ModelRefused(f"the model's weights are broken: it writes {text!r}", _MEND)
