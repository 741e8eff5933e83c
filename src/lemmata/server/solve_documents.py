"""What `/api/solve` is asked and answers, for its routes and for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from lemmata.engines.base import Sampling
from lemmata.server.documents import ERRORS, EVENTS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service
from lemmata.solve import Asked, Options, task_of
from lemmata.types import Problem


class SolveRequest(Strict):
    """`sampling` fields left out: greedy for one derivation, the model family's own for several."""

    problem: str = Field(min_length=1)
    gold: str | None = Field(None, description="The right answer, where it is known.")
    task: Literal["math", "counting", "code"] | None = Field(
        None, description="Left out: code where a program is asked for, else math."
    )
    model: str | None = Field(
        None, min_length=1, description="The base model or an adapter; left out: the base."
    )
    role: str | None = Field(
        None, description="A role's name; `none`: bare; left out: the adapter's own or the task's."
    )
    votes: int = Field(1, ge=1, le=64)
    strategy: Literal["vote", "claims", "repair"] = "vote"
    confidence: float | None = Field(
        0.95, gt=0.5, lt=1, description="At which a vote stops; null: when it cannot be lost."
    )
    weighted: bool = Field(True, description="Weigh votes by their checked steps.")
    budget_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    budget_s: float | None = Field(None, ge=0, le=86_400)
    thinking_budget: int | None = Field(None, ge=0, le=2**31 - 1)
    plan: Literal["auto", "model", "off"] = "auto"
    policy: str | None = Field(None, description="Language policy.")
    anyway: bool = Field(False, description="Answer also what is no reasoning problem.")
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    stream: bool = False

    def sampling(self) -> Sampling:
        greedy = {"temperature": 0.0} if self.votes == 1 else {}
        given: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
        }
        return Sampling(**greedy | {k: v for k, v in given.items() if v is not None})

    def asked(self, service: Service) -> Asked:
        """Raises UnknownModel."""
        adapter = service.adapter_of(self.model) if self.model else None
        how = Options(
            self.strategy, self.confidence, self.weighted, self.budget_tokens, self.budget_s,
            self.thinking_budget, policy=self.policy, plan=self.plan, anyway=self.anyway,
        )  # fmt: skip
        problem = Problem(self.problem, self.gold, self.task or task_of(self.problem))
        return Asked(problem, adapter, self.role, self.votes, self.sampling(), how)


class VerdictBody(BaseModel):
    state: str
    reason: str


class StepBody(BaseModel):
    """`state`: holds, fails or unchecked; `start` and `end` are its characters in the derivation;
    `claims` how many were checked; `jump`: its value follows from nothing before it."""

    text: str
    state: str
    reason: str
    start: int
    end: int
    claims: int
    jump: bool


class SolutionBody(BaseModel):
    """`lemmata.types.Solution` as JSON. `seconds` is wall time; `parts` are the solutions of a
    compound problem's questions."""

    problem: str
    derivation: str
    answer: str | None
    verdict: VerdictBody
    steps: list[StepBody]
    evidence: list[str]
    role: str | None
    adapter: str | None
    reasoning: str
    tokens: int
    seconds: float
    language: str
    parts: list[SolutionBody]


class SolveState(BaseModel):
    """`running`: it is at work now, and can be told to answer."""

    id: str
    running: bool
    finished: bool


SOLUTION: dict[int | str, dict[str, Any]] = {
    200: {
        "model": SolutionBody,
        "description": "The solution; with `stream`, events started, notice, plan, part, piece, "
        "candidate, standing, repair, trial, solution. The header Lemmata-Solve tells its id.",
        "content": EVENTS,
    },
    **ERRORS,
}
