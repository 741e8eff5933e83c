"""One question: samples started as they are needed, marked as they finish, stopped when it is
settled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import replace

from lemmata.engines.base import GREEDY, Delta
from lemmata.errors import BadInput
from lemmata.solve import continuation, repair
from lemmata.solve.control import Control
from lemmata.solve.events import Candidate, Event, Notice, Piece
from lemmata.solve.flight import Writer
from lemmata.solve.lanes import Lanes
from lemmata.solve.marking import Conclusion, Marker
from lemmata.solve.options import Options
from lemmata.solve.question import Begun, Question
from lemmata.solve.sample import Sample
from lemmata.solve.vote import Ballot
from lemmata.types import FinishReason

LAGGING = 2.0
"""A sample so many times as long as the longest finished one is no longer waited for."""
_SLACK = 8
"""Tokens by which thinking may overrun its budget: the engine closes it by itself, if it can."""


class Run:
    """`events` once; then `conclusion`, and at any time `begun` for the journal."""

    def __init__(
        self, engine: Writer, question: Question, marker: Marker, how: Options, control: Control
    ) -> None:
        self._question, self._marker, self._how = question, marker, how
        self._control = control
        self._ballot = Ballot(question.votes, marker.same, how.confidence, marker.scale)
        self._pruning = marker.pruning if how.strategy != "repair" else None
        self._lanes = Lanes(engine, question, how)
        self._repairs: dict[int, int] = {}
        self._demanded: dict[str, int] = {}
        self._closed: set[int] = set()
        self._closing = False
        self._free = list(range(question.votes))
        self._before = 0
        self._began = time.monotonic()
        self.done: list[Candidate] = []
        self.prompt_tokens: int | None = None

    @property
    def tokens(self) -> int:
        """Completion tokens of all samples so far, also of those that were cancelled."""
        return self._before + self._lanes.tokens

    @property
    def begun(self) -> Begun:
        return Begun(tuple(self.done), self._lanes.partial)

    async def conclusion(self) -> Conclusion:
        """Raises nothing: a run without any candidate concludes that there is no answer."""
        done = sorted(self.done, key=lambda candidate: candidate.sample)
        groups = self._ballot.clusters
        return await asyncio.to_thread(self._marker.conclude, done, groups)

    async def events(self, begun: Begun) -> AsyncGenerator[Event, None]:
        """Raises what the engine raises; closing it cancels what is under way."""
        self._control.attach(self._lanes.wake)
        try:
            await self._resume(begun)
            await self._top_up()
            while self._lanes.open and not self._ballot.decided:
                if self._control.cancelled:
                    return
                if (stop := self._stop()) is not None:
                    if stop:
                        yield Notice(stop, "budget")
                    async for event in self._answer_now():
                        yield event
                    return
                delta = await self._lanes.next(self._patience())
                if delta is not None:
                    async for event in self._take(delta):
                        yield event
        finally:
            await self._lanes.close()

    # Starting

    async def _resume(self, begun: Begun) -> None:
        """Finished candidates are marked again: nothing on the disk is believed."""
        for candidate in begun.done:
            self._take_place(candidate.sample)
            self._before += candidate.tokens
            async for event in self._marker.mark(candidate):
                if isinstance(event, Candidate):
                    await self._count(event)
        for index, (text, tokens) in begun.partial.items():
            self._take_place(index)
            await self._lanes.go_on(Sample(index, self._question.inside, text, tokens), text)

    def _take_place(self, index: int) -> None:
        if index not in self._free:
            raise BadInput(f"sample {index} of the journal is none", "Ask the problem again.")
        self._free.remove(index)

    async def _top_up(self) -> None:
        """Have as many under way as could settle it, not counting those that take much longer than
        the others did."""
        if self._closing:
            return
        brisk = sum(not self._lags(self._lanes[name]) for name in self._lanes.open)
        wanted = self._ballot.wanted - brisk
        for index in self._free[: max(wanted, 0)]:
            self._lanes.start(index)
        del self._free[: max(wanted, 0)]

    def _lags(self, sample: Sample, without: int = 0) -> bool:
        """Whether it is much longer than all that are finished, `without` its last tokens."""
        longest = max((candidate.tokens for candidate in self.done), default=None)
        return longest is not None and sample.tokens - without > LAGGING * longest

    # While they write

    def _patience(self) -> float | None:
        if self._how.budget_s is None:
            return None
        return max(0.0, self._began + self._how.budget_s - time.monotonic())

    def _stop(self) -> str | None:
        """Why the answer is due now: "" where a person asked for it; None: it is not."""
        if self._control.asked:
            return ""
        if self._how.budget_tokens is not None and self.tokens >= self._how.budget_tokens:
            return f"the budget of {self._how.budget_tokens} tokens is used up: answering now"
        if self._patience() == 0.0:
            return f"the budget of {self._how.budget_s:g} s is used up: answering now"
        return None

    async def _take(self, delta: Delta) -> AsyncGenerator[Event, None]:
        if self.prompt_tokens is None:
            self.prompt_tokens = delta.prompt_tokens
        sample = self._lanes[delta.request_id]
        for piece in sample.add(delta):
            yield piece
        reason = delta.finish_reason or await self._cut(delta.request_id, sample, delta.tokens)
        if reason is not None:
            async for event in self._finish(delta.request_id, reason):
                yield event

    async def _cut(self, name: str, sample: Sample, fresh: int) -> FinishReason | None:
        """End a sample that has said enough; start another beside one that takes too long."""
        if self._answered(name):
            await self._lanes.cancel(name)
            return "length"
        if await self._is_wrong(sample):
            await self._lanes.cancel(name)
            return "cancelled"
        if self._rambling(sample):
            await self._lanes.cancel(name)
            if not sample.thinking or sample.index in self._closed:
                return "length"
            self._closed.add(sample.index)  # who thinks on is asked for the answer next
            await self._close_thinking(name)
        elif self._lags(sample) and not self._lags(sample, fresh):
            await self._top_up()
        return None

    async def _is_wrong(self, sample: Sample) -> bool:
        """Whether it need not be heard to its end, for a step of it is wrong."""
        if self._pruning is None or not self._dispensable:
            return False
        due = self._pruning.due(sample)
        return due and await asyncio.to_thread(self._pruning.wrong, sample)

    @property
    def _dispensable(self) -> bool:
        """Whether there will be an answer without the sample that is looked at."""
        others = len(self._lanes.open) > 1 or (self._free and not self._closing)
        return bool(others) or any(candidate.answer for candidate in self.done)

    def _rambling(self, sample: Sample) -> bool:
        """Whether it thinks past its budget or runs in circles, on an engine that does not look."""
        budget = self._how.thinking_budget
        over = budget is not None and sample.thinking and sample.thought > budget + _SLACK
        return over or (self._how.stop_loops and sample.looping)

    async def _close_thinking(self, name: str) -> None:
        sample = self._lanes.retire(name)
        text = continuation.closed(sample.text, True)
        await self._lanes.go_on(Sample(sample.index, self._question.inside, text), text)

    async def _finish(self, name: str, reason: FinishReason) -> AsyncGenerator[Event, None]:
        sample = self._lanes.retire(name)
        candidate = sample.candidate(reason)
        if candidate.answer is None and reason == "length" and self._worth_asking(name, sample):
            for piece in await self._demand(sample):
                yield piece
            return
        if name in self._demanded:
            closed = self._answered(name, sample)
            answer = candidate.answer if closed else None
            candidate = replace(candidate, answer=answer, finish_reason="length")
        async for event in self._marker.mark(candidate):
            if isinstance(event, Candidate):
                candidate = event
            else:
                yield event
        again = repair.of(candidate, sample, self._how, self._repairs.get(sample.index, 0))
        if again is not None and not self._closing:
            self._repairs[sample.index] = again.number
            yield again.event
            await self._mend(again, sample)
            return
        await self._count(candidate)
        yield candidate
        yield self._ballot.standing()
        await self._top_up()

    def _worth_asking(self, name: str, sample: Sample) -> bool:
        """Whether a text without an answer is closed and asked for one: once, and only where it was
        cut while it thought, or a budget cut it."""
        thoughtful = sample.thinking or self._how.thinking_budget is not None
        return name not in self._demanded and thoughtful

    async def _count(self, candidate: Candidate) -> None:
        self.done.append(candidate)
        key = self._marker.key(candidate)
        await asyncio.to_thread(
            self._ballot.add, candidate.sample, key, candidate.weight, passed=not candidate.fails
        )

    async def _mend(self, again: repair.Again, sample: Sample) -> None:
        follower = Sample(sample.index, self._question.inside, again.kept)
        await self._lanes.go_on(follower, again.told)

    # Answering before the end

    async def _answer_now(self) -> AsyncGenerator[Event, None]:
        """From the votes that are in; without any, from the longest text, closed."""
        self._closing = True
        names = self._lanes.open
        await self._lanes.cancel(*names)
        open_now = [self._lanes.retire(name) for name in names]
        if any(candidate.answer for candidate in self.done) or not open_now:
            return
        longest = max(open_now, key=lambda sample: len(sample.text))
        for piece in await self._demand(longest):
            yield piece
        while self._lanes.open:
            delta = await self._lanes.next()
            if delta is not None:
                async for event in self._take(delta):
                    yield event

    def _answered(self, name: str, sample: Sample | None = None) -> bool:
        """Whether a demanded answer is there, to its end."""
        start = self._demanded.get(name)
        if start is None:
            return False
        return self._marker.demand.met((sample or self._lanes[name]).text, start)

    async def _demand(self, sample: Sample) -> list[Piece]:
        """Close a text and ask for its answer, in few tokens. The pieces are what was put behind
        it, for those who watch."""
        question, demand = self._question, self._marker.demand
        text = demand.after(sample.text, sample.thinking, question.language)
        added = text[len(sample.text.rstrip()) :]
        follower = Sample(sample.index, question.inside, text)
        sampling = replace(GREEDY, max_tokens=demand.tokens)
        name = await self._lanes.demand(follower, text, added, sampling)
        self._demanded[name] = len(text) - len(demand.opening)
        return sample.told(added)
