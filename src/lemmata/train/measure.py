"""Accuracy on problems with known answers, through the engine that serves them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from lemmata.engines.base import Engine, Request, Sampling
from lemmata.models.progress import Progress, silent
from lemmata.prompts import roles
from lemmata.train.intervals import Interval, wilson
from lemmata.types import Problem
from lemmata.verify.math import verify_math


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of each problem, in order. `tokens` counts what was written for all of them."""

    right: tuple[bool, ...]
    texts: tuple[str, ...]
    tokens: int

    @property
    def accuracy(self) -> Interval:
        """Share right with its Wilson 95 % interval."""
        return wilson(sum(self.right), len(self.right))


async def accuracy(
    engine: Engine,
    problems: Sequence[Problem],
    adapter: str | None = None,
    max_tokens: int = 512,
    progress: Progress = silent,
    stage: str = "measure",
) -> Measured:
    """Greedy answers, each in its task's role; only a `correct` verdict counts as right, so an
    unreadable or unfinished answer is wrong. Problems need a `gold`."""
    sampling = Sampling(temperature=0.0, seed=0, max_tokens=max_tokens)
    requests = [
        Request(str(number), roles.apply(problem.text, task=problem.task), adapter, sampling)
        for number, problem in enumerate(problems)
    ]
    texts, tokens, done = [""] * len(problems), 0, 0
    async with aclosing(engine.generate(requests)) as deltas:
        async for delta in deltas:
            texts[int(delta.request_id)] += delta.text
            tokens += delta.tokens
            done += delta.finish_reason is not None
            progress(stage, done, len(problems))
    verdicts = (_verdict(text, problem) for text, problem in zip(texts, problems, strict=True))
    return Measured(tuple(verdicts), tuple(texts), tokens)


def _verdict(text: str, problem: Problem) -> bool:
    if problem.gold is None:
        raise ValueError(f"problem {problem.id!r} has no gold answer")
    return verify_math(text, problem.gold).state == "correct"
