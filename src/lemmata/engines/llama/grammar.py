"""Text that must follow a grammar: GBNF, or a JSON schema turned into it.

A grammar is dear to apply to a whole vocabulary, so the likely token is tried against it first.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np

from lemmata.engines.base import Sampling
from lemmata.engines.llama import gbnf_limits, schema
from lemmata.engines.llama.library import (
    Vocabulary,
    last_complaint,
    listen_anew,
    overheard,
)
from lemmata.engines.llama.logprobs import Logits
from lemmata.errors import BadInput

LARGEST = 64 << 10
LARGEST_MADE = 512 << 10
LONGEST_ACCEPT_S = 0.1
"""Of the processor. Usual grammars take microseconds."""
_ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def source(sampling: Sampling) -> str | None:
    """The GBNF that a request asks for. Raises BadInput."""
    if sampling.grammar is not None and sampling.json_schema is not None:
        raise BadInput("grammar and json_schema are both given", "Give one of them.")
    given = sampling.grammar if sampling.json_schema is None else sampling.json_schema
    if given is not None and len(given) > LARGEST:
        raise BadInput(f"the grammar is larger than {LARGEST} bytes")
    if given is None:
        return None
    made = given if sampling.json_schema is None else schema.to_gbnf(given)
    if len(made) > LARGEST_MADE:
        raise BadInput("the JSON schema makes too large a grammar", "Ask for a simpler form.")
    gbnf_limits.check(made)
    return made


class Candidates:
    """All tokens with their logits, in the form that libllama's samplers work on."""

    def __init__(self, logits: Logits, only: int | None = None) -> None:
        numbers = np.arange(len(logits)) if only is None else np.array([only])
        self._entries = np.zeros(len(numbers), _ENTRY)
        self._entries["id"], self._entries["logit"] = numbers, logits[numbers]
        pointer = self._entries.ctypes.data_as(ctypes.POINTER(lib.llama_token_data))
        self.array = lib.llama_token_data_array(pointer, len(numbers), -1, False)

    def allowed(self) -> bool:
        """Whether any candidate is still possible."""
        return bool((self._entries["logit"] > -np.inf).any())

    def apply(self, sampler: Any) -> None:
        lib.llama_sampler_apply(sampler, ctypes.byref(self.array))

    def logits(self) -> Logits:
        """The logits by token number, before any chain has sorted them."""
        return self._entries["logit"]

    def chosen(self) -> int:
        return int(self.array.data[self.array.selected].id)


class Grammar:
    """The state of one text in its grammar. Raises BadInput for a grammar that cannot be parsed."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        with overheard() as said:  # its parser knows no other way to complain
            listen_anew()
            made = lib.llama_sampler_init_grammar(vocabulary.pointer, text.encode(), b"root")
        if not made:
            reason = said[0].removeprefix("parse: ")[:200] if said else last_complaint()
            raise BadInput(f"the grammar cannot be used: {reason}")
        self.sampler: Any = made

    def allows(self, logits: Logits, token: int) -> bool:
        alone = Candidates(logits, only=token)
        alone.apply(self.sampler)
        return alone.allowed()

    def allowed(self, logits: Logits) -> Candidates:
        """All tokens with those that it allows. Raises BadInput where it allows none: libllama
        would take one of the others, and then end its process."""
        candidates = Candidates(logits)
        candidates.apply(self.sampler)
        if not candidates.allowed():
            raise BadInput("no token of the model can go on in the grammar", "Let it end there.")
        return candidates

    def accept(self, token: int) -> None:
        """Go on after a token that it allows. Raises BadInput where there are ever more ways to go
        on: at twice as many a character, the next token would take minutes."""
        began = time.thread_time()
        lib.llama_sampler_accept(self.sampler, token)
        if time.thread_time() - began > LONGEST_ACCEPT_S:
            raise BadInput("the grammar has too many ways to go on", "Ask for a simpler form.")

    def close(self) -> None:
        lib.llama_sampler_free(self.sampler)
