"""Strategies: how one attempt at a problem is made.

`sample` asks once. The others are those of `lemmata solve` with at most N derivations: `vote:N` as
it comes, `claims:N`, `repair:N`, and `majority:N`, where every derivation counts the same and the
vote stops only when the leader can no longer lose. What an attempt cost is all that was written for
it.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lemmata.engines.base import Engine, Request, Sampling
from lemmata.errors import BadInput, Unsupported
from lemmata.eval import framing
from lemmata.eval.item import Item
from lemmata.solve.circling import Circling
from lemmata.solve.options import CONFIDENCE
from lemmata.types import FinishReason, Message, Problem, Solution

if TYPE_CHECKING:
    from lemmata.solve import Options

SAMPLE = "sample"
KINDS = ("vote", "majority", "claims", "repair")
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
        return framing.messages(self.item, self.role, self.policy, self.adapter)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of an attempt."""

    text: str
    finish_reason: FinishReason
    ended_by: str
    prompt_tokens: int
    tokens: int


def check(name: str) -> tuple[str, int]:
    """The kind of a strategy and its number of derivations. Raises BadInput."""
    kind, _, votes = name.partition(":")
    if name == SAMPLE:
        return kind, 1
    if kind in KINDS and votes.isdigit() and 2 <= int(votes) <= _MOST_VOTES:
        return kind, int(votes)
    raise BadInput(
        f"there is no strategy {name!r}",
        f"There are: sample, and with a number {', '.join(KINDS)}.",
    )


async def make(engine: Engine, attempt: Attempt) -> Written:
    """Raises what engines raise."""
    kind, votes = check(attempt.strategy)
    return await (_sample(engine, attempt) if votes == 1 else _solve(engine, attempt, kind, votes))


async def _sample(engine: Engine, attempt: Attempt) -> Written:
    request = Request(
        f"{attempt.item.id}/{attempt.number}",
        attempt.messages,
        attempt.adapter,
        attempt.sampling,
        thinking_budget=attempt.thinking_budget,
        stop_loops=attempt.stop_loops,
    )
    try:
        return await _written(engine, request)
    except Unsupported:
        if not request.stop_loops:
            raise
    return await _written(engine, replace(request, stop_loops=False), Circling())


async def _written(engine: Engine, request: Request, circling: Circling | None = None) -> Written:
    """All that the engine writes, to the point where it goes in circles if we have to look."""
    text, tokens, last = [], 0, None
    async with aclosing(engine.generate([request])) as deltas:
        async for delta in deltas:
            text.append(delta.text)
            tokens += delta.tokens
            last = delta
            if circling is not None:
                circling.add(delta.text)
                if circling.found:  # such a server has not counted yet
                    tokens = max(tokens, circling.pieces)
                    return Written("".join(text), "length", "loop", delta.prompt_tokens, tokens)
    if last is None:
        return Written("", "cancelled", "", 0, 0)
    reason = last.finish_reason or "cancelled"
    return Written("".join(text), reason, last.ended_by, last.prompt_tokens, tokens)


async def _solve(engine: Engine, attempt: Attempt, kind: str, votes: int) -> Written:
    """The derivation that `solve` shows. Without the gold: a solver does not see it."""
    from lemmata.solve import solve_async

    item = attempt.item
    solved: Solution = await solve_async(
        Problem(item.problem, None, item.task),
        engine,
        adapter=attempt.adapter,
        role=framing.role_of(item, attempt.role),
        votes=votes,
        sampling=_warm(attempt),
        how=_options(attempt, kind),
    )
    thought = f"<think>{solved.reasoning}</think>" if solved.reasoning else ""
    text = thought + (solved.derivation if item.task == "code" else _concluding(solved))
    return Written(text, "stop", "", 0, solved.tokens)


def _warm(attempt: Attempt) -> Sampling:
    """Greedy derivations would all be the same: `solve`'s own temperature then, and seeds that no
    other attempt has."""
    sampling = attempt.sampling
    heat = sampling.temperature or Sampling().temperature
    seed = None if sampling.seed is None else sampling.seed + attempt.number * _MOST_VOTES
    return replace(sampling, temperature=heat, seed=seed)


def _options(attempt: Attempt, kind: str) -> Options:
    from lemmata.solve import Options

    plain = kind == "majority"
    return Options(
        strategy="vote" if plain else kind,  # type: ignore[arg-type]
        confidence=None if plain else CONFIDENCE,
        weighted=not plain,
        thinking_budget=attempt.thinking_budget,
        stop_loops=attempt.stop_loops,
        policy=framing.asked(attempt.policy),
        plan="off",  # an item has one gold answer, so it is one question, as with `--gold`
        anyway=True,
    )


def _concluding(solved: Solution) -> str:
    """The derivation, ending with the answer that was voted for."""
    if solved.answer is None or f"\\boxed{{{solved.answer}}}" in solved.derivation:
        return solved.derivation
    return f"{solved.derivation}\n\\boxed{{{solved.answer}}}"
