"""A problem to a `Solution`: role, messages, engine, final answer, verdict.

`solve_events` is the one way through; `solve_async` and `solve` are what most callers want of it.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

from lemmata.engines.base import GREEDY, Delta, Request, Sampling
from lemmata.errors import BadInput
from lemmata.prompts import budget, roles
from lemmata.solve.think import Splitter, opens_in_prompt
from lemmata.solve.vote import Cluster, clusters
from lemmata.types import FinishReason, Message, Problem, Solution, Verdict

if TYPE_CHECKING:
    from lemmata.verify import StepReport


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of one sample's text as it is written. `tokens` counts those of this piece."""

    sample: int
    kind: Literal["reasoning", "derivation"]
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One finished sample."""

    sample: int
    reasoning: str
    derivation: str
    answer: str | None
    finish_reason: FinishReason
    tokens: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know, in one line."""

    text: str


Event = Notice | Piece | Candidate | Solution


class Writer(Protocol):
    """What solving needs of an `Engine`."""

    def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]: ...
    def tokenize(self, text: str) -> list[int]: ...
    def prompt_ids(self, messages: Sequence[Message]) -> list[int]: ...


class _Sample:
    """What one request has written so far."""

    def __init__(self, index: int, inside: bool) -> None:
        self.index = index
        self._splitter = Splitter(inside)
        self._parts: dict[str, list[str]] = {"reasoning": [], "derivation": []}
        self._tokens = 0

    def add(self, text: str, tokens: int, last: bool) -> list[Piece]:
        splits = [self._splitter.feed(text)]
        if last:
            splits.append(self._splitter.finish())
        self._tokens += tokens
        pieces = []
        for split in splits:
            for kind, part in (("reasoning", split.reasoning), ("derivation", split.answer)):
                if part:
                    self._parts[kind].append(part)
                    pieces.append(Piece(self.index, kind, part, tokens))  # type: ignore[arg-type]
                    tokens = 0
        return pieces

    def finish(self, reason: FinishReason) -> Candidate:
        from lemmata.verify import answer

        reasoning, derivation = ("".join(self._parts[k]) for k in ("reasoning", "derivation"))
        found = answer.extract(derivation or reasoning)
        if found and found.where == "last line" and reason == "length":
            found = None  # the line at which a text was cut off concludes nothing
        text = found.text if found else None
        return Candidate(self.index, reasoning, derivation, text, reason, self._tokens)


async def solve_events(
    problem: str | Problem,
    engine: Writer,
    *,
    adapter: str | None = None,
    role: str | None = None,
    votes: int = 1,
    sampling: Sampling | None = None,
    inside: bool | None = None,
) -> AsyncGenerator[Event, None]:
    """Solve, telling every piece of text, every finished candidate, and last the `Solution`.

    `role` None takes the task's own, "none" sends the problem bare. `votes` derivations are
    sampled at once and their answers grouped by mathematical equality. `sampling` None is greedy
    for one derivation and `Sampling()` for several. `inside` says whether the template opens the
    thinking block itself; None looks. Raises BadInput (empty problem, unknown role,
    greedy votes), ContextOverflow, UnknownAdapter before the first event.
    """
    problem = Problem(problem) if isinstance(problem, str) else problem
    started = time.monotonic()
    role = role or roles.for_task(problem.task)
    requests = _requests(problem, adapter, role, votes, sampling)
    if inside is None:
        inside = await asyncio.to_thread(opens_in_prompt, engine)
    samples = {request.id: _Sample(i, inside) for i, request in enumerate(requests)}
    done: list[Candidate] = []
    noticed = False
    async with aclosing(engine.generate(requests)) as deltas:
        async for delta in deltas:
            if not noticed and (long := budget.check(delta.prompt_tokens, sys.maxsize)):
                yield Notice(long)
            noticed = True
            sample = samples[delta.request_id]
            for piece in sample.add(delta.text, delta.tokens, delta.finish_reason is not None):
                yield piece
            if delta.finish_reason is not None:
                done.append(sample.finish(delta.finish_reason))
                yield done[-1]
    done.sort(key=lambda candidate: candidate.sample)
    best, verdict, evidence = await asyncio.to_thread(_judge, problem, done)
    report = await asyncio.to_thread(_check_steps, best, problem)
    yield Solution(
        problem=problem.text,
        derivation=best.derivation,
        answer=best.answer,
        verdict=verdict,
        steps=report.steps,
        evidence=(*evidence, *_told(report)),
        role=role,
        adapter=adapter,
        reasoning=best.reasoning,
        tokens=sum(candidate.tokens for candidate in done),
        seconds=round(time.monotonic() - started, 3),
    )


async def solve_async(
    problem: str | Problem,
    engine: Writer,
    *,
    adapter: str | None = None,
    role: str | None = None,
    votes: int = 1,
    sampling: Sampling | None = None,
) -> Solution:
    """Solve and return the `Solution` alone; see `solve_events` for the arguments and errors."""
    solution: Solution | None = None
    events = solve_events(
        problem, engine, adapter=adapter, role=role, votes=votes, sampling=sampling
    )
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Solution):
                solution = event
    assert solution is not None
    return solution


def solve(
    problem: str | Problem,
    engine: Writer,
    *,
    adapter: str | None = None,
    role: str | None = None,
    votes: int = 1,
    sampling: Sampling | None = None,
) -> Solution:
    """`solve_async` for code that has no event loop; inside one it raises RuntimeError."""
    return asyncio.run(
        solve_async(problem, engine, adapter=adapter, role=role, votes=votes, sampling=sampling)
    )


def _requests(
    problem: Problem, adapter: str | None, role: str, votes: int, sampling: Sampling | None
) -> list[Request]:
    if votes < 1:
        raise BadInput(f"votes is {votes}", "Ask for at least one derivation.")
    chosen = sampling or (GREEDY if votes == 1 else Sampling())
    if votes > 1 and chosen.temperature == 0:
        raise BadInput(
            f"{votes} greedy derivations would all be the same", "Raise the temperature."
        )
    prompt = roles.apply(problem.text, role, problem.task)
    name = uuid.uuid4().hex
    return [Request(f"{name}-{i}", prompt, adapter, _seeded(chosen, i)) for i in range(votes)]


def _seeded(sampling: Sampling, sample: int) -> Sampling:
    """Each sample draws on its own; a given seed still fixes them all."""
    return sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + sample)


def _judge(
    problem: Problem, done: Sequence[Candidate]
) -> tuple[Candidate, Verdict, tuple[str, ...]]:
    """The candidate to show, what is known of its answer, and the evidence for that."""
    from lemmata.verify import verify_math

    def equal(answer: str, other: str) -> bool:
        return verify_math(answer, other).state == "correct"

    groups = clusters([candidate.answer for candidate in done], equal)
    if not groups:
        return done[0], _no_answer(problem, done), ()
    best = done[groups[0].samples[0]]
    evidence = tuple(_tally(group, len(done)) for group in groups) if len(done) > 1 else ()
    if problem.gold is not None:
        return best, verify_math(groups[0].answer, problem.gold), evidence
    return best, _agreement(groups, len(done)), evidence


def _check_steps(best: Candidate, problem: Problem) -> StepReport:
    from lemmata.verify import verify_steps

    return verify_steps(best.derivation, problem.text)


def _told(report: StepReport) -> tuple[str, ...]:
    checked = sum(step.state != "unchecked" for step in report.steps)
    if not checked:
        return ()
    line = f"{checked} of {len(report.steps)} steps could be checked"
    if report.first_wrong is None:
        return (f"{line} and hold",)
    wrong = report.steps[report.first_wrong]
    return (line, f"step {report.first_wrong + 1} fails: {wrong.reason}")


def _no_answer(problem: Problem, done: Sequence[Candidate]) -> Verdict:
    cut = all(candidate.finish_reason == "length" for candidate in done)
    reason = "the derivation was cut at the token limit" if cut else "no final answer was given"
    return Verdict("unverified" if problem.gold is None else "incorrect", reason)


def _agreement(groups: Sequence[Cluster], votes: int) -> Verdict:
    agreeing = len(groups[0].samples)
    if votes == 1:
        return Verdict("unverified", "one derivation and no gold answer to compare with")
    if agreeing == 1:
        return Verdict("unverified", f"no two of {votes} derivations agree")
    if len(groups) > 1 and len(groups[1].samples) == agreeing:
        return Verdict("unverified", f"a tie: answers with {agreeing} of {votes} derivations each")
    return Verdict("agreed", f"{agreeing}/{votes}")


def _tally(group: Cluster, votes: int) -> str:
    return f"{len(group.samples)}/{votes} derivations answer {group.answer}"
