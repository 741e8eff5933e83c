"""How the next token is chosen: libllama's sampler chains, and a short way for plain greedy."""

from __future__ import annotations

import ctypes
import secrets
from typing import Any

import llama_cpp.llama_cpp as lib

from lemmata.engines.base import Sampling
from lemmata.engines.llama.library import Context

_LOOK_BACK = 64
"""Tokens that the repetition penalty looks at, llama.cpp's own default."""


class Sampler:
    """One request's choice of tokens; its random state is its own, so neighbours do not matter."""

    def __init__(self, sampling: Sampling, vocabulary: int) -> None:
        self._chain = None if _is_plain_greedy(sampling) else _chain(sampling, vocabulary)

    def choose(self, context: Context, row: int) -> int:
        """The token after batch row `row`, taken into account for the following ones."""
        if self._chain is None:
            return int(context.logits(row).argmax())
        return int(lib.llama_sampler_sample(self._chain, context.pointer, row))

    def close(self) -> None:
        if self._chain is not None:
            lib.llama_sampler_free(self._chain)
            self._chain = None


def _is_plain_greedy(sampling: Sampling) -> bool:
    return sampling.temperature <= 0 and sampling.repeat_penalty == 1.0


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
    if sampling.temperature <= 0:
        return [lib.llama_sampler_init_greedy()]
    links = [lib.llama_sampler_init_temp(ctypes.c_float(sampling.temperature))]
    if sampling.top_k > 0:
        links.append(lib.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        links.append(lib.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(lib.llama_sampler_init_min_p(sampling.min_p, 1))
    seed = secrets.randbits(31) if sampling.seed is None else sampling.seed & 0xFFFF_FFFF
    return [*links, lib.llama_sampler_init_dist(seed)]
