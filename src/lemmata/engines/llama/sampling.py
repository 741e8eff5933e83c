"""How the next token is chosen: libllama's sampler chains, and a short way for plain greedy."""

from __future__ import annotations

import ctypes
import secrets
from typing import Any

import llama_cpp.llama_cpp as lib

from lemmata.engines.base import Sampling
from lemmata.engines.llama import grammar
from lemmata.engines.llama.grammar import Candidates, Grammar
from lemmata.engines.llama.library import Context, Vocabulary
from lemmata.engines.llama.logprobs import Logits

_NO_SEED = 0xFFFF_FFFF
"""libllama draws another one each time for it."""
_LOOK_BACK = 64
"""Tokens that the repetition penalty looks at, llama.cpp's own default."""


class Sampler:
    """One request's choice of tokens; its random state is its own, so neighbours do not matter.

    Raises BadInput for a grammar or schema that cannot be used.
    """

    def __init__(self, sampling: Sampling, vocabulary: Vocabulary) -> None:
        text = grammar.source(sampling)
        self._grammar = None if text is None else Grammar(text, vocabulary)
        plain = sampling.greedy and sampling.repeat_penalty == 1.0
        self._chain = None if plain else _chain(sampling, vocabulary.size)

    def choose(self, context: Context, row: int) -> int:
        """The token after batch row `row`, taken into account for the following ones. Raises
        BadInput where a grammar comes to no good end."""
        if self._grammar is not None:
            return self._constrained(self._grammar, context.logits(row))
        if self._chain is None:
            return int(context.logits(row).argmax())
        return int(lib.llama_sampler_sample(self._chain, context.pointer, row))

    def _constrained(self, rules: Grammar, logits: Logits) -> int:
        token = self._pick(Candidates(logits), logits)
        if not rules.allows(logits, token):
            candidates = rules.allowed(logits)
            token = self._pick(candidates, candidates.logits())
        rules.accept(token)
        if self._chain is not None:
            lib.llama_sampler_accept(self._chain, token)
        return token

    def _pick(self, candidates: Candidates, logits: Logits) -> int:
        if self._chain is None:
            return int(logits.argmax())
        candidates.apply(self._chain)
        return candidates.chosen()

    def force(self, token: int) -> None:
        """Take a token into account that was written for the model."""
        if self._chain is not None:
            lib.llama_sampler_accept(self._chain, token)

    def close(self) -> None:
        if self._chain is not None:
            lib.llama_sampler_free(self._chain)
            self._chain = None
        if self._grammar is not None:
            self._grammar.close()
            self._grammar = None


def _chain(sampling: Sampling, vocabulary: int) -> Any:
    """Temperature first, then the cuts: the order of transformers and vLLM, in which the model
    family's published settings were measured."""
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    if sampling.repeat_penalty != 1.0:
        penalties = lib.llama_sampler_init_penalties(
            vocabulary, _LOOK_BACK, sampling.repeat_penalty, 0.0, 0.0
        )
        lib.llama_sampler_chain_add(chain, penalties)
    for link in _links(sampling):
        lib.llama_sampler_chain_add(chain, link)
    return chain


def _links(sampling: Sampling) -> list[Any]:
    if sampling.greedy:
        return [lib.llama_sampler_init_greedy()]
    links = [lib.llama_sampler_init_temp(ctypes.c_float(sampling.temperature))]
    if sampling.top_k > 0:
        links.append(lib.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        links.append(lib.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(lib.llama_sampler_init_min_p(sampling.min_p, 1))
    seed = secrets.randbits(31) if sampling.seed is None else sampling.seed % _NO_SEED
    return [*links, lib.llama_sampler_init_dist(seed)]
