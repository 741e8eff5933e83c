"""The default model with the shipped adapter, through the real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from lemmata.adapters import canonical
from lemmata.engines.base import Delta, Request, Sampling
from lemmata.engines.llama import LlamaEngine
from lemmata.engines.llama import Options as EngineOptions
from lemmata.models.stored import StoredModel
from lemmata.solve import Candidate, Control, Options, Piece, solve_events
from lemmata.types import Message, Solution

pytestmark = pytest.mark.model
COUNTING = Path(__file__).parents[2] / "examples" / "adapters" / "counting"
PROBLEM = "Find the number of integer solutions to x + y + z = 10 where x, y, z >= 0."


class Watched:
    """Passes everything on, and counts the prompt tokens that were not computed again."""

    def __init__(self, engine: LlamaEngine) -> None:
        self._engine = engine
        self.cached: dict[str, int] = {}
        self.prompt = 0

    def tokenize(self, text: str) -> list[int]:
        return self._engine.tokenize(text)

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self._engine.prompt_ids(messages)

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        async with aclosing(self._engine.generate(requests)) as deltas:
            async for delta in deltas:
                self.cached[delta.request_id] = delta.cached_tokens
                self.prompt = delta.prompt_tokens
                yield delta


def with_engine(model: StoredModel, tmp_path: Path, work: Any) -> Any:
    async def run() -> Any:
        options = EngineOptions(cells=4096, smoke=False)
        engine = LlamaEngine(model.gguf, model.name, model.id, tmp_path, options)
        try:
            await engine.load_adapter(canonical.open(COUNTING))
            return await work(engine)
        finally:
            await engine.close()

    return asyncio.run(run())


async def solved(engine: Any, **asked: Any) -> tuple[list[Any], Solution]:
    events = [
        event
        async for event in solve_events(
            PROBLEM, engine, adapter="counting", role="combinatorics", **asked
        )
    ]
    assert isinstance(events[-1], Solution)
    return events, events[-1]


def test_a_vote_stops_early(default_model: StoredModel, tmp_path: Path) -> None:
    async def work(engine: LlamaEngine) -> None:
        sampling = Sampling(temperature=0.3, seed=5, max_tokens=120)
        events, solution = await solved(engine, votes=16, sampling=sampling)
        assert solution.answer is not None
        assert sum(isinstance(event, Candidate) for event in events) < 16

    with_engine(default_model, tmp_path, work)


def test_a_vote_shares_its_prompt(default_model: StoredModel, tmp_path: Path) -> None:
    async def work(engine: LlamaEngine) -> None:
        watched = Watched(engine)
        sampling = Sampling(temperature=0.3, seed=5, max_tokens=120)
        await solved(watched, votes=6, sampling=sampling, how=Options(confidence=None))
        assert len(watched.cached) >= 4, "else there is little to share"
        computed_anew = [cached for cached in watched.cached.values() if not cached]
        assert len(computed_anew) <= 2, "all but the first of each context share its cells"
        assert max(watched.cached.values()) >= watched.prompt - 1

    with_engine(default_model, tmp_path, work)


def test_answer_now_gets_an_answer_out_of_half_a_derivation(
    default_model: StoredModel, tmp_path: Path
) -> None:
    async def work(engine: LlamaEngine) -> Solution:
        control = Control()
        async for event in solve_events(
            PROBLEM, engine, adapter="counting", role="combinatorics", control=control
        ):
            if isinstance(event, Piece):  # the first: a busy machine hands on many tokens in one
                control.answer_now()
        assert isinstance(event, Solution)
        return event

    solution = with_engine(default_model, tmp_path, work)
    assert "The final answer is \\boxed{" in solution.derivation
    assert solution.tokens < 120


def test_a_budget_in_tokens_holds(default_model: StoredModel, tmp_path: Path) -> None:
    async def work(engine: LlamaEngine) -> Solution:
        return (await solved(engine, votes=16, how=Options(budget_tokens=60, confidence=None)))[1]

    assert with_engine(default_model, tmp_path, work).tokens < 60 + 64 + 32
