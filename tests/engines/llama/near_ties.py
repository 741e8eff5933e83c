"""When two tokens are as good as equal, company may decide between them: how near that is.

libllama sums in another order when a token is decoded alone, in a piece of a prompt or beside
others, and when its cells lie elsewhere. So the same text is computed in all these ways, with and
without an adapter, and the largest difference of a log-probability is the noise. Two tokens can
only change places where they are nearer than twice that.
"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from engines import tiny_model
from lemmata.adapters import gguf_lora
from lemmata.engines.llama import library
from lemmata.engines.llama.library import Adapter, Context, Model
from lemmata.engines.llama.options import Options

TEXT = "To be, or not to be, that is the question: whether 'tis nobler in the mind to suffer 1 2 3"
SAMPLED = 4
"""The largest of a few hundred differences is not yet the largest there is."""


def same(found, alone):
    """Equal tokens, up to a place where the isolated run had a near-tie: (tokens, top-2 gaps)."""
    tokens, gaps = alone
    assert len(found) == len(tokens)
    for one, other, gap in zip(found, tokens, gaps, strict=True):
        if one != other:
            return gap < 2 * noise()
    return True


@lru_cache(maxsize=1)
def noise():
    """The largest difference that company made to a log-probability, with a margin."""
    options = Options(threads=1, cells=1024, running=8, sequences=8, chunk=256)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gguf = tiny_model.write(folder / "tiny.gguf")
        files = [
            gguf_lora.convert(tiny_model.adapter(folder / f"a{n}", n), gguf, folder)
            for n in range(3)
        ]
        library.start()
        model = Model(gguf, options)
        context = Context(model, options)
        adapters = [None, *(Adapter(model, path) for path in files)]
        largest = max(_of(context, model, adapter) for adapter in adapters)
        for adapter in adapters[1:]:
            adapter.close()
        context.close()
        model.close()
    return SAMPLED * largest


def _of(context, model, adapter):
    context.use(adapter, 1.0)
    tokens = model.vocabulary.tokenize(TEXT)
    ways = [
        _computed(context, tokens, 1),
        _computed(context, tokens, 60),
        _computed(context, tokens, 7),
        _computed(context, tokens, 1, company=3),
        _computed(context, tokens, 5, company=7),
    ]
    return max(float(np.abs(way - ways[0]).max()) for way in ways[1:])


def _computed(context, tokens, size, company=0):
    """Log-probabilities [tokens, vocabulary], decoded in pieces of `size`, with others in
    between."""
    for sequence in range(8):
        context.trim(sequence, 0)
    rows, at = [], 0
    while at < len(tokens):
        piece = tokens[at : at + size]
        batch = [(token, at + n, 0, True) for n, token in enumerate(piece)]
        others = [(65 + other, at // size, 1 + other, False) for other in range(company)]
        context.decode(others + batch if at % 2 else batch + others)
        first = len(others) if at % 2 else 0
        rows += [context.logits(first + n).astype(np.float64) for n in range(len(piece))]
        at += len(piece)
    logits = np.array(rows)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
