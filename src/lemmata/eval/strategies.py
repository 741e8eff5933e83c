"""Strategies: how one attempt at a problem is made.

`sample` asks once; `vote:N` lets `lemmata solve` compare N derivations and takes the answer that it
gives. What an attempt cost is all that was written for it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from lemmata.engines.base import Delta, Engine, Request, Sampling
from lemmata.errors import BadInput
from lemmata.eval import framing
from lemmata.eval.item import Item
from lemmata.types import FinishReason, Message, Problem, Solution

SAMPLE = "sample"
_MOST_VOTES = 64


@dataclass(frozen=True, slots=True)
class Attempt:
    """All that decides one attempt."""

    item: Item
    role: str
    policy: str
    adapter: str | None
    strategy: str
    sampling: Sampling
    stop_loops: bool
    thinking_budget: int | None
    number: int

    @property
    def messages(self) -> tuple[Message, ...]:
        return framing.messages(self.item, self.role, self.policy)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of an attempt."""

    text: str
    finish_reason: FinishReason
    ended_by: str
    prompt_tokens: int
    tokens: int


class Generating(Protocol):
    """What an attempt needs of an `Engine`."""

    def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]: ...


def check(name: str) -> int:
    """The number of votes of a strategy, 0 for none. Raises BadInput."""
    kind, _, votes = name.partition(":")
    if name == SAMPLE:
        return 0
    if kind == "vote" and votes.isdigit() and 2 <= int(votes) <= _MOST_VOTES:
        return int(votes)
    raise BadInput(f"there is no strategy {name!r}", "There are: sample, vote:2 to vote:64.")


async def make(engine: Engine, attempt: Attempt) -> Written:
    """Raises what engines raise."""
    votes = check(attempt.strategy)
    return await (_vote(engine, attempt, votes) if votes else _sample(engine, attempt))


async def _sample(engine: Generating, attempt: Attempt) -> Written:
    request = Request(
        f"{attempt.item.id}/{attempt.number}",
        attempt.messages,
        attempt.adapter,
        attempt.sampling,
        thinking_budget=attempt.thinking_budget,
        stop_loops=attempt.stop_loops,
    )
    text, tokens, last = [], 0, None
    async with aclosing(engine.generate([request])) as deltas:
        async for delta in deltas:
            text.append(delta.text)
            tokens += delta.tokens
            last = delta
    if last is None:
        return Written("", "cancelled", "", 0, 0)
    reason = last.finish_reason or "cancelled"
    return Written("".join(text), reason, last.ended_by, last.prompt_tokens, tokens)


async def _vote(engine: Engine, attempt: Attempt, votes: int) -> Written:
    """The derivation that `solve` shows. Without the gold: a solver does not see it."""
    from lemmata.solve import solve_async

    sampling = attempt.sampling
    if sampling.temperature == 0:
        sampling = replace(sampling, temperature=Sampling().temperature)
    if sampling.seed is not None:
        sampling = replace(sampling, seed=sampling.seed + attempt.number * _MOST_VOTES)
    solved: Solution = await solve_async(
        Problem(framing.problem(attempt.item, attempt.policy), None, attempt.item.task),
        engine,
        adapter=attempt.adapter,
        role=attempt.role,
        votes=votes,
        sampling=sampling,
    )
    thought = f"<think>{solved.reasoning}</think>" if solved.reasoning else ""
    text = thought + _concluding(solved)
    return Written(text, "stop", "", 0, solved.tokens)


def _concluding(solved: Solution) -> str:
    """The derivation, ending with the answer that was voted for."""
    if solved.answer is None or f"\\boxed{{{solved.answer}}}" in solved.derivation:
        return solved.derivation
    return f"{solved.derivation}\n\\boxed{{{solved.answer}}}"
