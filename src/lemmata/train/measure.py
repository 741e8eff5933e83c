"""Accuracy on problems with known answers, through the engine that serves them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from lemmata.engines.base import Engine, Request, Sampling
from lemmata.models.progress import Progress, silent
from lemmata.prompts import roles
from lemmata.train.intervals import Interval, wilson
from lemmata.types import Message, Problem
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


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, whether the model ended it by itself, and its tokens."""

    text: str
    finished: bool
    tokens: int


async def ask(
    engine: Engine,
    prompts: Sequence[tuple[Message, ...]],
    adapter: str | None = None,
    max_tokens: int = 512,
    strength: float = 1.0,
    progress: Progress = silent,
    stage: str = "measure",
) -> tuple[Answer, ...]:
    """Greedy answers to prompts, in their order; `strength` is how much of the adapter acts."""
    sampling = Sampling(temperature=0.0, seed=0, max_tokens=max_tokens)
    requests = [
        Request(str(number), prompt, adapter, sampling, strength)
        for number, prompt in enumerate(prompts)
    ]
    found, done = [Answer("", False, 0)] * len(prompts), 0
    async with aclosing(engine.generate(requests)) as deltas:
        async for delta in deltas:
            number = int(delta.request_id)
            old = found[number]
            ended = delta.finish_reason == "stop"
            found[number] = Answer(old.text + delta.text, ended, old.tokens + delta.tokens)
            done += delta.finish_reason is not None
            progress(stage, done, len(prompts))
    return tuple(found)


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
    prompts = [roles.apply(problem.text, task=problem.task) for problem in problems]
    answers = await ask(engine, prompts, adapter, max_tokens, 1.0, progress, stage)
    texts = tuple(answer.text for answer in answers)
    verdicts = (_verdict(text, problem) for text, problem in zip(texts, problems, strict=True))
    return Measured(tuple(verdicts), texts, sum(answer.tokens for answer in answers))


def _verdict(text: str, problem: Problem) -> bool:
    if problem.gold is None:
        raise ValueError(f"problem {problem.id!r} has no gold answer")
    return verify_math(text, problem.gold).state == "correct"
