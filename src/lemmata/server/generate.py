"""One request's choices while they are generated: its text split, its tokens counted."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lemmata.engines.base import Delta, Request, Sampling, TokenLogprob
from lemmata.server.writer import Writer
from lemmata.solve.think import Split, Splitter
from lemmata.types import FinishReason, Message

Prompt = tuple[Message, ...] | str | tuple[int, ...]


@dataclass
class Choice:
    """One of a request's answers. `splitter` is None where text is passed on as it comes."""

    index: int
    splitter: Splitter | None
    reasoning: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    tokens: int = 0
    reasoning_tokens: int = 0
    prompt_tokens: int = 0
    finish_reason: FinishReason | None = None
    logprobs: list[TokenLogprob] = field(default_factory=list)
    """Of the answer's tokens, not of those it thought with."""
    told: int = 0
    """How many of them were handed on."""
    _undecided: list[TokenLogprob] = field(default_factory=list)

    def feed(self, delta: Delta) -> Split:
        """Take in a piece; returns what it adds."""
        added = self._split(delta)
        self.reasoning.append(added.reasoning)
        self.content.append(added.answer)
        self.tokens += delta.tokens
        self.prompt_tokens = delta.prompt_tokens
        self.finish_reason = delta.finish_reason
        return added

    def fresh_logprobs(self) -> list[TokenLogprob]:
        """Those that no earlier call gave."""
        fresh, self.told = self.logprobs[self.told :], len(self.logprobs)
        return fresh

    def _place_logprobs(self, delta: Delta, thought: bool, added: Split) -> None:
        """What begins like a tag belongs to the answer only once it has turned out to be none."""
        assert self.splitter is not None
        if thought or self.splitter.thinking:
            self._undecided.clear()
            return
        self._undecided += delta.logprobs
        if added.answer or delta.finish_reason is not None:
            self.logprobs += self._undecided
            self._undecided.clear()

    def _split(self, delta: Delta) -> Split:
        if self.splitter is None:
            self.logprobs += delta.logprobs
            return Split("", delta.text)
        was_thinking = self.splitter.thinking
        added = self.splitter.feed(delta.text)
        self._place_logprobs(delta, was_thinking or bool(added.reasoning), added)
        if was_thinking or added.reasoning:
            self.reasoning_tokens += delta.tokens
        if delta.finish_reason is None:
            return added
        rest = self.splitter.finish()
        return Split(added.reasoning + rest.reasoning, added.answer + rest.answer)


class Generation:
    """All choices of one HTTP request: `n` for each prompt, numbered prompt by prompt."""

    def __init__(
        self,
        prompts: Sequence[Prompt],
        *,
        model: str,
        adapter: str | None,
        sampling: Sampling,
        n: int,
        prefix: str,
        splitting: bool,
        inside: bool = False,
        strength: float = 1.0,
    ) -> None:
        self.id = f"{prefix}-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self.model = model
        self._n = n
        self.requests = [
            Request(f"{self.id}-{p * n + i}", prompt, adapter, _nth(sampling, i), strength)
            for p, prompt in enumerate(prompts)
            for i in range(n)
        ]
        self.choices = [
            Choice(index, Splitter(inside) if splitting else None)
            for index in range(len(self.requests))
        ]
        self._by_request = {
            r.id: choice for r, choice in zip(self.requests, self.choices, strict=True)
        }

    def start(self, writer: Writer) -> AsyncGenerator[Delta, None]:
        return writer.generate(self.requests)

    def feed(self, delta: Delta) -> tuple[Choice, Split]:
        choice = self._by_request[delta.request_id]
        return choice, choice.feed(delta)

    async def finish(self, writer: Writer) -> None:
        """Run to the end; the choices then hold everything."""
        deltas = self.start(writer)
        try:
            async for delta in deltas:
                self.feed(delta)
        finally:
            await deltas.aclose()

    def usage(self) -> dict[str, Any]:
        """Token counts as OpenAI gives them: a prompt counts once, however large `n` is."""
        prompt = sum(choice.prompt_tokens for choice in self.choices[:: self._n])
        written = sum(choice.tokens for choice in self.choices)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
            "completion_tokens_details": {
                "reasoning_tokens": sum(choice.reasoning_tokens for choice in self.choices)
            },
        }


def _nth(sampling: Sampling, i: int) -> Sampling:
    """Each choice draws on its own; a given seed still fixes them all."""
    return sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + i)
