"""libllama as the tests ask it: token ids of a text, logits of token ids, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_cpp
import numpy as np


@llama_cpp.llama_log_callback
def _quiet(level: int, text: bytes, data: object) -> None:
    del level, text, data


class Model:
    def __init__(self, pointer: llama_cpp.llama_model_p) -> None:
        self._model = pointer
        self._vocabulary = llama_cpp.llama_model_get_vocab(pointer)
        self.size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)

    def ids(self, text: str, add_special: bool = False) -> list[int]:
        raw = text.encode()
        room = len(raw) + 8
        buffer = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, raw, len(raw), buffer, room, add_special, True
        )
        return list(buffer[:count])

    def logits(self, ids: list[int]) -> np.ndarray:
        """[tokens, vocabulary] in float32."""
        options = llama_cpp.llama_context_default_params()
        options.n_ctx = options.n_batch = options.n_ubatch = max(32, len(ids))
        options.type_k = options.type_v = llama_cpp.GGML_TYPE_F32
        options.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        context = llama_cpp.llama_init_from_model(self._model, options)
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for at, token in enumerate(ids):
            batch.token[at], batch.pos[at] = token, at
            batch.n_seq_id[at], batch.seq_id[at][0], batch.logits[at] = 1, 0, 1
        assert llama_cpp.llama_decode(context, batch) == 0
        found = llama_cpp.llama_get_logits(context)
        values = np.ctypeslib.as_array(found, (len(ids), self.size)).copy()
        llama_cpp.llama_batch_free(batch)
        llama_cpp.llama_free(context)
        return values


@contextmanager
def opened(path: Path, vocabulary_only: bool = False) -> Iterator[Model]:
    llama_cpp.llama_backend_init()
    llama_cpp.llama_log_set(_quiet, None)
    options = llama_cpp.llama_model_default_params()
    options.vocab_only = vocabulary_only
    pointer = llama_cpp.llama_model_load_from_file(str(path).encode(), options)
    assert pointer, f"libllama refuses {path}"
    try:
        yield Model(pointer)
    finally:
        llama_cpp.llama_model_free(pointer)
