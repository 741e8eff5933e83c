"""Claim-level reliability: a derivation's key claims, each judged by the model itself.

At most five claims of a derivation are put to the model one by one; the derivation's vote weighs
(share judged true) ^ 5, so that one doubtful claim costs much and two almost everything. After the
claim-level reliability of VibeThinker's authors, who report 3 to 6 points for a 3B model (their
technical report: M = 5 claims, mean ^ 5).
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from lemmata.engines.base import GREEDY, Request
from lemmata.prompts.language import detect
from lemmata.solve.events import Candidate, Event
from lemmata.solve.flight import Writer
from lemmata.solve.marking import ByAnswer
from lemmata.types import Message, Problem, Step

CLAIMS, POWER = 5, 5
UNSURE = 0.5
"""For a judgement that is neither yes nor no."""
_ASK = {
    "en": "Problem:\n{problem}\n\nClaim:\n{claim}\n\nIs the claim correct? Answer Yes or No.",
    "zh": "题目：\n{problem}\n\n论断：\n{claim}\n\n这个论断正确吗？只回答“是”或“否”。",
}
_YES = re.compile(r"\W*(?:yes|true|correct|是|正确|对)", re.IGNORECASE)
_NO = re.compile(r"\W*(?:no\b|false|incorrect|wrong|否|不|错)", re.IGNORECASE)


def key_claims(steps: Sequence[Step]) -> tuple[str, ...]:
    """The steps that claim most, the last one always among them, in the order of the text."""
    stated = [i for i, step in enumerate(steps) if len(step.text.strip()) > 3]
    if not stated:
        return ()
    most = sorted(stated[:-1], key=lambda i: (-steps[i].claims, -i))[: CLAIMS - 1]
    return tuple(steps[i].text.strip() for i in sorted([*most, stated[-1]]))


def reliability(judgements: Sequence[float]) -> float:
    """mean ^ 5 of judgements from 0 (wrong) to 1 (right); 0.5 ^ 5 where nothing was judged."""
    if not judgements:
        return float(UNSURE**POWER)
    return float((sum(judgements) / len(judgements)) ** POWER)


def read(said: str) -> float:
    """1 for yes, 0 for no."""
    if _NO.match(said):
        return 0.0
    return 1.0 if _YES.match(said) else UNSURE


class ByClaims(ByAnswer):
    """Votes grouped by mathematical equality and weighed by the model's own judgement. The steps
    are still checked, for the verdict. `spent` counts the tokens of judging."""

    def __init__(self, problem: Problem, engine: Writer, adapter: str | None) -> None:
        super().__init__(problem, weighted=False)
        self._engine, self._adapter = engine, adapter
        self.spent = 0

    async def mark(self, candidate: Candidate) -> AsyncGenerator[Event, None]:
        async for event in super().mark(candidate):
            if isinstance(event, Candidate) and event.answer is not None:
                judged = await self._judged(event.derivation or event.reasoning)
                yield replace(event, weight=round(reliability(judged), 6))
            else:
                yield event

    async def _judged(self, derivation: str) -> list[float]:
        from lemmata.verify import verify_steps

        report = await asyncio.to_thread(verify_steps, derivation, self.problem.text)
        ask = _ASK[detect(self.problem.text)]
        sampling = replace(GREEDY, max_tokens=4)
        name = uuid.uuid4().hex
        requests = [
            Request(
                f"{name}-{i}",
                (Message("user", ask.format(problem=self.problem.text, claim=claim)),),
                self._adapter,
                sampling,
            )
            for i, claim in enumerate(key_claims(report.steps))
        ]
        return await self._ask(requests) if requests else []

    async def _ask(self, requests: list[Request]) -> list[float]:
        said = {request.id: "" for request in requests}
        async with aclosing(self._engine.generate(requests)) as deltas:
            async for delta in deltas:
                said[delta.request_id] += delta.text
                self.spent += delta.tokens
        return [read(text) for text in said.values()]
