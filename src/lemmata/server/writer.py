"""The engine as requests see it: in turn, counted, and one line in the log for each."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import replace

from lemmata.engines.base import Delta, Engine, Request
from lemmata.server.admission import Admission
from lemmata.server.budgets import Budgets
from lemmata.server.metrics import Metrics
from lemmata.types import Message

log = logging.getLogger("lemmata.server")


class Writer:
    """Generates for one client, called `key` in the queue."""

    def __init__(
        self,
        engine: Engine,
        admission: Admission,
        metrics: Metrics,
        key: str,
        budgets: Budgets | None = None,
        strengths: Mapping[str, float] | None = None,
        time_limit: float | None = None,
    ) -> None:
        self._engine = engine
        self._admission = admission
        self._metrics = metrics
        self._key = key
        self._budgets = budgets
        self._strengths = strengths or {}
        self._time_limit = time_limit

    def tokenize(self, text: str) -> list[int]:
        return self._engine.tokenize(text)

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self._engine.prompt_ids(messages)

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        """As the engine's own, after waiting for a turn. Raises Overloaded as well."""
        requests = [self._bounded(request) for request in requests]
        account = _Account(requests, self._metrics, self._engine.health().model)
        try:
            async with (
                self._allowance(len(requests)),
                self._admission.admit(self._key, len(requests)),
                aclosing(self._engine.generate(requests)) as deltas,
            ):
                async for delta in deltas:
                    account.add(delta)
                    yield delta
            account.outcome = "done"
        except Exception as error:
            account.outcome = type(error).__name__
            raise
        finally:
            tokens = account.close()
            if self._budgets:
                self._budgets.spend(self._key, tokens)

    def _bounded(self, request: Request) -> Request:
        """With its adapter's strength beside its own, and no more time than there is."""
        strength = request.strength * self._strengths.get(request.adapter or "", 1.0)
        limits = [limit for limit in (request.deadline_s, self._time_limit) if limit is not None]
        return replace(request, strength=strength, deadline_s=min(limits, default=None))

    @asynccontextmanager
    async def _allowance(self, sequences: int) -> AsyncIterator[None]:
        with self._budgets.running(self._key, sequences) if self._budgets else nullcontext():
            yield


class _Account:
    """What one request cost. The log names no prompt and no answer."""

    def __init__(self, requests: Sequence[Request], metrics: Metrics, base: str) -> None:
        self._requests = requests
        self._metrics = metrics
        self._model = requests[0].adapter or base
        self._began = time.monotonic()
        self._first: float | None = None
        self._prompts: dict[str, int] = {}
        self._written = 0
        self.outcome = "cancelled"

    def add(self, delta: Delta) -> None:
        if self._first is None:
            self._first = time.monotonic() - self._began
        self._prompts[delta.request_id] = delta.prompt_tokens
        self._written += delta.tokens

    def close(self) -> int:
        """Gives the tokens read and written."""
        seconds = time.monotonic() - self._began
        read = sum(self._prompts.values())
        if self._first is not None:
            self._metrics.first_token.observe(self._first)
        self._metrics.generation.labels(self.outcome).observe(seconds)
        self._metrics.tokens.labels("prompt", self._model).inc(read)
        self._metrics.tokens.labels("completion", self._model).inc(self._written)
        first = self._first or 0.0
        log.info(
            "%s %s x%d: %d tokens read, %d written, first after %.3f s, %s after %.3f s",
            self._requests[0].id, self._model, len(self._requests), read, self._written,
            first, self.outcome, seconds,
            extra={"fields": {
                "request": self._requests[0].id, "model": self._model,
                "sequences": len(self._requests), "prompt_tokens": read,
                "completion_tokens": self._written, "first_token_s": round(first, 4),
                "seconds": round(seconds, 4), "outcome": self.outcome,
            }},
        )  # fmt: skip
        return read + self._written
