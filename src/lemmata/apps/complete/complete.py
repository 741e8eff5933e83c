"""A TODO to proposals: one solve, with marking of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from lemmata.apps.complete import context
from lemmata.apps.complete.marking import ByCompletion
from lemmata.apps.complete.proposal import Proposal
from lemmata.apps.complete.target import Target
from lemmata.engines.base import GREEDY, Sampling
from lemmata.errors import BadInput
from lemmata.solve import Asked, Control, Event, Journal, Options, solve_events
from lemmata.solve.flight import Writer
from lemmata.types import Problem, Solution


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of a TODO: `line` counts from 1. `refused` has a line for every candidate that
    fits nowhere; `tokens` and `seconds` are those of all candidates together."""

    path: str
    line: int
    todo: str
    function: str
    language: str
    proposals: tuple[Proposal, ...]
    refused: tuple[str, ...]
    candidates: int
    tokens: int
    seconds: float
    reasoning: str = ""
    stopped: bool = False


def asked(
    target: Target,
    candidates: int,
    how: Options,
    adapter: str | None = None,
    sampling: Sampling | None = None,
    model: str = "",
) -> Asked:
    """The solve that a TODO is."""
    problem = Problem(context.prompt(target), task="code")
    drawn = sampling or (GREEDY if candidates == 1 else Sampling())
    one = replace(how, plan="off", anyway=True)
    return Asked(problem, adapter, None, candidates, drawn, one, model)


def resumed(journal: Journal, target: Target) -> Journal:
    """The journal, to be gone on with. Raises BadInput where the file has changed since."""
    if journal.asked.problem.text != context.prompt(target):
        raise BadInput("the file has changed since that was stopped", "Complete it anew.")
    return journal


async def complete(
    target: Target,
    engine: Writer,
    what: Asked,
    *,
    role: str | None = None,
    inside: bool | None = None,
    control: Control | None = None,
    journal: Journal | None = None,
) -> AsyncGenerator[Event | Completion, None]:
    """The solve's events, and last the `Completion`. Raises as `solve_events` does."""
    # Elsewhere: parsing a large file would hold up everybody else's answers.
    marker = await asyncio.to_thread(ByCompletion, target)
    control = control or Control()
    events = solve_events(
        what.problem, engine, adapter=what.adapter, role=what.role or role, votes=what.votes,
        sampling=what.sampling, inside=inside, how=what.how, control=control, journal=journal,
        marker=marker,
    )  # fmt: skip
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Solution):
                yield _completion(target, what, marker, event, control)
            else:
                yield event


def _completion(
    target: Target, what: Asked, marker: ByCompletion, solution: Solution, control: Control
) -> Completion:
    return Completion(
        path=target.path,
        line=target.todo.first + 1,
        todo=target.todo.words,
        function=target.function.name if target.function else "",
        language=target.language.name,
        proposals=marker.proposals,
        refused=marker.refused,
        candidates=what.votes,
        tokens=solution.tokens,
        seconds=solution.seconds,
        reasoning=solution.reasoning,
        stopped=control.cancelled,
    )
