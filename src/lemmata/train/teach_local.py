"""A teacher that runs here, in torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lemmata.adapters import canonical
from lemmata.errors import BadInput
from lemmata.train import base_model
from lemmata.train.rows import HEAD_ROWS, Row


class LocalTeacher:
    """The model in a Hugging Face folder, with an adapter where one is given."""

    def __init__(
        self, folder: Path, adapter: Path | None, top: int, threads: int, dtype: torch.dtype
    ) -> None:
        torch.set_num_threads(threads)
        self._top = top
        self._model = _loaded(folder, adapter, dtype)
        self._head = self._model.get_output_embeddings()
        if top > self._head.weight.shape[0]:
            raise BadInput(f"the teacher has {self._head.weight.shape[0]} tokens, not {top}")

    def __call__(self, row: Row) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        ids = torch.tensor([row.ids], device=self._head.weight.device)
        tokens, logprobs = [], []
        with torch.no_grad():
            states = self._decoder(input_ids=ids, use_cache=False).last_hidden_state
            for part in states[0, row.start - 1 : -1].split(HEAD_ROWS):
                told = torch.log_softmax(self._head(part).float(), -1).topk(self._top)
                tokens.append(told.indices.cpu().numpy().astype(np.int32))
                logprobs.append(told.values.cpu().numpy())
        return np.concatenate(tokens), np.concatenate(logprobs)

    @property
    def _decoder(self) -> Any:
        return self._model.model


def _loaded(folder: Path, adapter: Path | None, dtype: torch.dtype) -> Any:
    """With the adapter merged into the weights. Raises AdapterRefused."""
    with base_model._quiet():
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation="sdpa", local_files_only=True
        ).to(base_model.device())
        if adapter is not None:
            canonical.read(adapter)  # untrusted: refused before torch opens it
            model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
        return model.eval()
