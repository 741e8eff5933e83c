"""The engine over transformers and PEFT: every text is computed alone, one token at a time, so that
what comes out depends on nothing but the request."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import torch

from lemmata.adapters import gguf_lora
from lemmata.engines.base import Delta, Health, Request
from lemmata.engines.requests import ABILITIES, adapter_of, check_asked, check_prompt
from lemmata.engines.torch import model as torch_model
from lemmata.engines.torch.model import BASE, CHUNK, Key, Model
from lemmata.engines.torch.sampling import Sampler, log_probabilities, told
from lemmata.engines.torch.vocabulary import open_tokens
from lemmata.engines.writing import Writing
from lemmata.errors import EngineDied
from lemmata.prompts.render import ChatTemplate
from lemmata.types import AdapterRef, Message

LONGEST_CONTEXT = 16_384
_ABLE = frozenset(ABILITIES) - {"grammar", "json_schema"}
T = TypeVar("T")


@dataclass
class _Lane:
    """A text on its way: the first `done` of `tokens` are in `cache`."""

    request: Request
    key: Key
    tokens: list[int]
    writing: Writing
    sampler: Sampler
    cache: Any
    done: int = 0
    ended: bool = field(default=False)


class TorchEngine:
    """Over a loaded transformers model, whose tokenizer lies in `folder`. `base` is its hub id
    ("" for unknown), for checking adapters; `context` in tokens. Use `open` for a folder."""

    def __init__(
        self, loaded: Any, folder: Path, name: str, base: str = "", context: int | None = None
    ) -> None:
        self._model = Model(loaded)
        config = self._model.config
        self._tokens, self._template = open_tokens(folder, int(config.vocab_size))
        trained = int(config.max_position_embeddings)
        self._context = min(trained, context or LONGEST_CONTEXT)
        self._name, self._base = name, base
        self._adapters: dict[str, AdapterRef] = {}
        self._resident: set[str] = set()
        self._pinned: Counter[str] = Counter()
        self._lanes: list[_Lane] = []
        self._worker = ThreadPoolExecutor(1, "torch-engine")
        self._loading = asyncio.Lock()
        self._closed = False

    @classmethod
    def open(
        cls,
        folder: Path,
        name: str,
        base: str = "",
        *,
        threads: int | None = None,
        context: int | None = None,
        dtype: torch.dtype | None = None,
    ) -> Self:
        """Load a Hugging Face folder. Raises ModelRefused."""
        if threads:
            torch.set_num_threads(threads)
        return cls(torch_model.load(folder, dtype), folder, name, base, context)

    @property
    def template(self) -> ChatTemplate:
        """The chat template that requests are rendered with."""
        return self._template

    # Requests

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        lanes = [self._lane(request) for request in requests]
        self._begin(lanes)
        try:
            while waiting := [lane for lane in lanes if not lane.ended]:
                for lane in waiting:
                    delta = await self._compute(self._step, lane)
                    if delta is None:
                        continue
                    if delta.finish_reason is not None:
                        await self._end(lane)
                    yield delta
        finally:
            for lane in lanes:
                await self._end(lane)

    def _lane(self, request: Request) -> _Lane:
        """Raises what a request can be refused for."""
        self._check_open()
        key = self._key(request.adapter, request.strength)
        check_asked(request, "the torch engine", _ABLE)
        tokens = self._prompt(request)
        check_prompt(tokens, self._context, request.sampling, self._model.config.vocab_size)
        room = self._context - len(tokens)
        limit = min(request.sampling.max_tokens or room, room)
        writing = Writing(request, tokens, limit, self._tokens)
        sampler = Sampler(request.sampling)
        return _Lane(request, key, tokens, writing, sampler, self._model.cache())

    def _prompt(self, request: Request) -> list[int]:
        prompt = request.prompt
        if isinstance(prompt, str):
            return self.tokenize(prompt)
        messages = [part for part in prompt if isinstance(part, Message)]
        return self.prompt_ids(messages) if messages else [n for n in prompt if isinstance(n, int)]

    def _key(self, adapter: str | None, strength: float = 1.0) -> Key:
        if adapter is None:
            return BASE
        return Key(adapter_of(adapter, self._adapters).sha256, strength)

    def _begin(self, lanes: Sequence[_Lane]) -> None:
        self._lanes += lanes
        self._pinned.update(lane.key.sha256 for lane in lanes if lane.key.sha256)

    async def _end(self, lane: _Lane) -> None:
        """Let go of its cache, and of its adapter where nobody needs it any more."""
        if lane.ended:
            return
        lane.ended = True
        lane.cache = None
        self._lanes = [other for other in self._lanes if other is not lane]
        if lane.key.sha256 is not None:
            await self._unpin(lane.key.sha256)

    async def _unpin(self, sha256: str) -> None:
        self._pinned[sha256] -= 1
        await self._sweep()

    def _step(self, lane: _Lane) -> Delta | None:
        """On the worker: one chunk of the prompt, or one token. None: the prompt goes on."""
        if lane.writing.overdue:
            return lane.writing.late()
        todo = lane.tokens[lane.done : lane.done + CHUNK]
        logits = self._model.forward(todo, lane.cache, lane.key)[-1]
        lane.done += len(todo)
        if lane.done < len(lane.tokens):
            return None
        return self._take(lane, logits)

    def _take(self, lane: _Lane, logits: torch.Tensor) -> Delta:
        written = lane.writing.tokens
        before = len(written)
        token = lane.sampler.choose(logits, written)
        top = lane.request.sampling.logprobs
        said = () if top is None else (told(logits, token, top, self._tokens.piece),)
        delta = lane.writing.take(token, said)
        lane.tokens += written[before:]
        return delta

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        self._check_open()
        key = self._key(adapter)
        check_prompt(tokens, self._context + 1, vocabulary=self._model.config.vocab_size)
        if key.sha256 is not None:
            self._pinned[key.sha256] += 1
        try:
            cache, scores = self._model.cache(), list[float]()
            for start in range(0, len(tokens) - 1, CHUNK):
                part = list(tokens[start : start + CHUNK + 1])
                scores += await self._compute(self._scores, part, cache, key)
            return scores
        finally:
            if key.sha256 is not None:
                await self._unpin(key.sha256)

    def _scores(self, tokens: list[int], cache: Any, key: Key) -> list[float]:
        """On the worker: each token's log-probability but the first's."""
        rows = len(tokens) - 1
        values = log_probabilities(self._model.forward(tokens[:-1], cache, key, rows))
        picked = values[torch.arange(rows), torch.tensor(tokens[1:])]
        return [float(value) for value in picked]

    async def log_probabilities(
        self, tokens: Sequence[int], rows: int, adapter: str | None = None
    ) -> torch.Tensor:
        """What may follow each of the last `rows` of `tokens`: [rows, vocabulary], natural
        logarithms in float64. What parity is measured with. Raises as `score` does."""
        self._check_open()
        key = self._key(adapter)
        check_prompt(tokens, self._context + 1, vocabulary=self._model.config.vocab_size)
        cache, early = self._model.cache(), list(tokens[: max(len(tokens) - CHUNK, 0)])
        early = list(tokens[:-rows]) if rows > CHUNK else early
        for start in range(0, len(early), CHUNK):
            await self._compute(self._model.forward, early[start : start + CHUNK], cache, key)
        last = list(tokens[len(early) :])
        logits = await self._compute(self._model.forward, last, cache, key, rows)
        return log_probabilities(logits)

    async def _compute(self, work: Callable[..., T], *given: Any) -> T:
        """On the one thread that may use the model, after what was asked before."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *given)

    def tokenize(self, text: str) -> list[int]:
        return self._tokens.tokenize(text)

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self.tokenize(self._template.render(messages))

    # Adapters

    async def load_adapter(self, ref: AdapterRef) -> None:
        self._check_open()
        gguf_lora.check_base(ref, self._base)
        self._pinned[ref.sha256] += 1
        try:
            async with self._loading:
                if ref.sha256 not in self._resident:
                    await self._compute(self._model.add, ref)
                    self._resident.add(ref.sha256)
            self._adapters[ref.name] = ref
        finally:
            await self._unpin(ref.sha256)

    async def unload_adapter(self, name: str) -> None:
        del self._adapters[adapter_of(name, self._adapters).name]
        await self._sweep()

    async def _sweep(self) -> None:
        """Free adapters that no name means and no request runs on."""
        if self._closed:
            return
        named = {ref.sha256 for ref in self._adapters.values()}
        for sha256 in self._resident - named:
            if self._pinned[sha256] <= 0 and sha256 in self._resident:
                self._resident.discard(sha256)
                await self._compute(self._model.remove, sha256)

    def adapters(self) -> tuple[AdapterRef, ...]:
        return tuple(ref for _, ref in sorted(self._adapters.items()))

    def health(self) -> Health:
        held = sum(lane.done for lane in self._lanes)
        active = len(self._lanes)
        return Health(not self._closed, "torch", self._name, self._context, active, 0, held)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._worker.shutdown, wait=True, cancel_futures=True)

    def _check_open(self) -> None:
        if self._closed:
            raise EngineDied("the engine is closed")
