"""A problem to a `Solution`: split, framed, derived, voted on, checked.

`solve_events` is the one way through; `solve_async` and `solve` are what most callers want of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypedDict, Unpack

from lemmata.engines.base import Sampling
from lemmata.solve.control import Control
from lemmata.solve.events import Event
from lemmata.solve.flight import Writer
from lemmata.solve.journal import Asked, Journal
from lemmata.solve.marking import Marker
from lemmata.solve.options import Options
from lemmata.solve.programs import statement
from lemmata.solve.solving import Solving
from lemmata.solve.think import opens_in_prompt
from lemmata.types import Problem, Solution


async def solve_events(
    problem: str | Problem,
    engine: Writer,
    *,
    adapter: str | None = None,
    role: str | None = None,
    votes: int = 1,
    sampling: Sampling | None = None,
    inside: bool | None = None,
    how: Options | None = None,
    control: Control | None = None,
    journal: Journal | None = None,
    marker: Marker | None = None,
) -> AsyncGenerator[Event, None]:
    """Solve, telling everything as it happens (events.py), and last the `Solution`.

    `role` None takes the task's own, "none" sends the problem bare; a `str` that asks for a program
    is of task "code". At most `votes` derivations are sampled, fewer where the answer is settled
    earlier. `sampling` None is greedy for one derivation, `Sampling()` for several. `inside` says
    whether the template opens the thinking block itself; None looks. A `journal` is kept up to
    date and, where it has something begun, gone on with. A `marker` of one's own marks, groups and
    concludes in place of the task's.
    Raises BadInput (empty problem, unknown role or policy, greedy votes), ContextOverflow,
    UnknownAdapter before the first event, EngineDied at any time.
    """
    asked = Asked(_problem(problem), adapter, role, votes, sampling, how or Options())
    if inside is None:
        inside = await asyncio.to_thread(opens_in_prompt, engine)
    solving = Solving(asked, engine, inside, control or Control(), journal, marker)
    async with aclosing(solving.events()) as events:
        async for event in events:
            yield event


class Asking(TypedDict, total=False):
    """The keyword arguments of `solve_events`."""

    adapter: str | None
    role: str | None
    votes: int
    sampling: Sampling | None
    inside: bool | None
    how: Options | None
    control: Control | None
    journal: Journal | None
    marker: Marker | None


async def solve_async(problem: str | Problem, engine: Writer, **asked: Unpack[Asking]) -> Solution:
    """Solve and return the `Solution` alone; see `solve_events` for the arguments and errors."""
    solution: Solution | None = None
    async with aclosing(solve_events(problem, engine, **asked)) as events:
        async for event in events:
            if isinstance(event, Solution):
                solution = event
    assert solution is not None
    return solution


def solve(problem: str | Problem, engine: Writer, **asked: Unpack[Asking]) -> Solution:
    """`solve_async` for code that has no event loop; inside one it raises RuntimeError."""
    return asyncio.run(solve_async(problem, engine, **asked))


def task_of(text: str) -> str:
    """The task of a problem that comes without one: "code" where a program is asked for."""
    return "code" if statement.asks_for_program(text) else "math"


def _problem(problem: str | Problem) -> Problem:
    return problem if isinstance(problem, Problem) else Problem(problem, task=task_of(problem))
