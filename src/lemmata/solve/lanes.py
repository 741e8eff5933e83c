"""The samples of one question under way, by the id of their request, and those that have ended."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from lemmata.engines.base import Delta, Request, Sampling
from lemmata.solve import continuation
from lemmata.solve.flight import Flight, TooLong, Writer
from lemmata.solve.options import Options
from lemmata.solve.question import Question
from lemmata.solve.sample import Sample
from lemmata.types import Message


class Lanes:
    """Make it within the event loop that uses it; `close` it."""

    def __init__(self, engine: Writer, question: Question, how: Options) -> None:
        self._engine, self._question, self._how = engine, question, how
        self._flight = Flight(engine)
        self._name = uuid.uuid4().hex
        self._samples: dict[str, Sample] = {}
        self._ended: list[Sample] = []
        self._tails: dict[str, str] = {}
        self.wake = self._flight.wake

    def __getitem__(self, name: str) -> Sample:
        return self._samples[name]

    @property
    def open(self) -> list[str]:
        """Ids of the requests under way, in the order in which they were launched."""
        return [name for name in self._samples if name in self._flight.open]

    @property
    def tokens(self) -> int:
        """Completion tokens of all samples so far, also of those that were cancelled."""
        return sum(sample.tokens for sample in (*self._samples.values(), *self._ended))

    @property
    def partial(self) -> dict[int, tuple[str, int]]:
        """By sample the text and tokens of what is not finished."""
        return {s.index: (s.text, s.tokens) for s in self._samples.values() if s.text}

    def start(self, index: int) -> None:
        """A new sample from the bare prompt."""
        sample = Sample(index, self._question.inside)
        self.launch(sample, self._question.messages, self._drawn(index))

    def launch(
        self, sample: Sample, prompt: tuple[Message, ...] | tuple[int, ...], sampling: Sampling
    ) -> str:
        """Have `sample` written after `prompt`; returns the id of its request."""
        name = f"{self._name}-{sample.index}-{len(self._samples) + len(self._ended)}"
        self._samples[name] = sample
        request = Request(
            name,
            prompt,
            self._question.adapter,
            sampling,
            thinking_budget=self._how.thinking_budget,
            stop_loops=self._how.stop_loops,
        )
        self._flight.launch(request)
        return name

    def _drawn(self, index: int) -> Sampling:
        """Each sample draws on its own; a given seed still fixes them all."""
        chosen = self._question.sampling
        return chosen if chosen.seed is None else replace(chosen, seed=chosen.seed + index)

    async def go_on(self, sample: Sample, told: str) -> None:
        """Have the model go on after `told` in `sample`."""
        sampling = self._drawn(sample.index)
        if sampling.max_tokens is not None:
            left = max(1, sampling.max_tokens - sample.tokens)
            sampling = replace(sampling, max_tokens=left)
        self.launch(sample, await self.prompt(told), sampling)

    async def demand(self, sample: Sample, told: str, tail: str, sampling: Sampling) -> str:
        """Have the answer written after `told`, which ends in `tail`: that stays where the whole
        does not fit the context. Returns the id of its request."""
        name = self.launch(sample, await self.prompt(told), sampling)
        self._tails[name] = tail
        return name

    async def prompt(self, told: str) -> tuple[int, ...] | tuple[Message, ...]:
        """What makes the model go on after `told`."""
        question = self._question
        return await asyncio.to_thread(
            continuation.prompt, self._engine, question.messages, told, question.language
        )

    async def next(self, seconds: float | None = None) -> Delta | None:
        """As `Flight.next`. A text that fills the context has ended there."""
        item = await self._flight.next(seconds)
        return await self._fit(item) if isinstance(item, TooLong) else item

    async def _fit(self, refused: TooLong) -> Delta | None:
        """A demanded answer is asked for again behind less of the text. Raises ContextOverflow for
        a problem that is too long itself: it is never cut."""
        request, error = refused.request, refused.error
        if not self._samples[request.id].text:
            raise error
        tail = self._tails.pop(request.id, None)
        if tail is None or not isinstance(request.prompt[0], int):
            return Delta(request.id, "", 0, error.prompt_tokens, "length", "tokens")
        shorter = await asyncio.to_thread(
            continuation.fitting, self._engine, self._question.messages, request, tail, error
        )
        self._flight.launch(replace(request, prompt=shorter))
        return None

    def retire(self, name: str) -> Sample:
        """Take a sample off that is finished or cancelled."""
        sample = self._samples.pop(name)
        self._ended.append(sample)
        return sample

    async def cancel(self, *names: str) -> None:
        await self._flight.cancel(*names)

    async def close(self) -> None:
        await self._flight.close()
