"""A teacher behind an OpenAI-compatible server that tells `prompt_logprobs`, as vLLM does.

https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: a prompt may be token ids, and
`prompt_logprobs: k` gives for every token of it the k likeliest there (and the token itself).
"""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from lemmata.engines.openai import OpenAIEngine, client_of
from lemmata.engines.openai_wire import said, unreachable
from lemmata.errors import BadInput
from lemmata.train.rows import Row


class RemoteTeacher:
    """The base that the server at `url` serves, `key` its API key. Raises EngineDied where it does
    not answer."""

    def __init__(self, url: str, key: str | None, tokenizer: Tokenizer, top: int) -> None:
        self._engine = OpenAIEngine.connect(url, key)
        self._model = self._engine.health().model
        self._client = client_of(url.partition("#")[0], key)
        self._tokenizer, self._top = tokenizer, top
        self._is_checked = False

    def __call__(self, row: Row) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        if not self._is_checked:
            self._check_tokenizer(row)
            self._is_checked = True
        body = {
            "model": self._model, "prompt": list(row.ids), "max_tokens": 1, "temperature": 0,
            "prompt_logprobs": self._top,
        }  # fmt: skip
        try:
            answer = said(self._client.post("/v1/completions", json=body))
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        told = answer["choices"][0].get("prompt_logprobs")
        if told is None or len(told) != len(row.ids):
            raise BadInput(
                "this server gives no prompt_logprobs", "Use vLLM, or a model on this machine."
            )
        return self._likeliest(told[row.start :])

    def _check_tokenizer(self, row: Row) -> None:
        """The server must read a row's text as the very ids that the student is trained on."""
        text = self._tokenizer.decode(list(row.ids), skip_special_tokens=False)
        if self._engine.tokenize(text) != list(row.ids):
            raise BadInput(
                f"{self._model} has another tokenizer than the base",
                "Soft labels are said of single tokens: take a teacher of the same family.",
            )

    def _likeliest(
        self, told: list[dict[str, Any]]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        tokens = np.zeros((len(told), self._top), np.int32)
        logprobs = np.zeros((len(told), self._top), np.float32)
        for place, entries in enumerate(told):
            pairs = sorted(
                ((float(e["logprob"]), int(t)) for t, e in entries.items()), reverse=True
            )
            if len(pairs) < self._top:
                raise BadInput(
                    f"the server gives {len(pairs)} tokens a position, not {self._top}",
                    f"Say --top {len(pairs)}, or start vLLM with --max-logprobs {self._top}.",
                )
            tokens[place] = [token for _, token in pairs[: self._top]]
            logprobs[place] = [min(0.0, logprob) for logprob, _ in pairs[: self._top]]
        return tokens, logprobs
