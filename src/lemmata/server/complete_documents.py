"""What `/api/complete` is asked and answers, for its route and for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from lemmata.apps.complete import target
from lemmata.apps.complete.complete import asked
from lemmata.apps.complete.near import LARGEST
from lemmata.apps.complete.target import Place, Target
from lemmata.engines.base import Sampling
from lemmata.server.documents import ERRORS, EVENTS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service
from lemmata.server.solve_documents import VerdictBody
from lemmata.solve import Asked, Options

Text = Annotated[str, Field(max_length=target.LARGEST)]
Near = Annotated[str, Field(max_length=LARGEST)]


class CompleteRequest(Strict):
    """A file as its editor has it. `line` and `last_line` count from 1 and name the selection;
    `function` names a Python function instead; without both it is the first TODO. `near` are files
    that it may import, by name; `resume` goes on with one that was stopped."""

    path: str = Field(min_length=1, max_length=1000, description="Names it; nothing is opened.")
    text: Text
    language: str = Field("", max_length=60, description="The editor's name; else by the suffix.")
    line: int | None = Field(None, ge=1, le=10**7)
    last_line: int | None = Field(None, ge=1, le=10**7)
    function: str = Field("", max_length=200)
    near: dict[str, Near] = Field(default_factory=dict, max_length=8)
    candidates: int = Field(4, ge=1, le=64)
    model: str | None = Field(
        None, min_length=1, description="The base model or an adapter; left out: the base."
    )
    budget_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    budget_s: float | None = Field(None, ge=0, le=86_400)
    thinking_budget: int | None = Field(None, ge=0, le=2**31 - 1)
    temperature: float | None = Field(None, gt=0, le=2)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    resume: str | None = Field(None, max_length=40)
    stream: bool = False

    def target(self) -> Target:
        """Raises BadInput where there is no TODO."""
        first = None if self.line is None else self.line - 1
        place = Place(first, self.last_line or self.line, self.function)
        return target.find(self.path, self.text, place, self.language, self.near)

    def asked(self, found: Target, service: Service) -> Asked:
        """Raises UnknownModel."""
        adapter = service.adapter_of(self.model) if self.model else None
        how = Options(
            budget_tokens=self.budget_tokens, budget_s=self.budget_s,
            thinking_budget=self.thinking_budget,
        )  # fmt: skip
        return asked(found, self.candidates, how, adapter, self.sampling())

    def sampling(self) -> Sampling:
        greedy = {"temperature": 0.0} if self.candidates == 1 else {}
        given: dict[str, Any] = {
            "temperature": self.temperature,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
        }
        return Sampling(**greedy | {k: v for k, v in given.items() if v is not None})


class EditBody(BaseModel):
    """Lines [first, last), counted from 0, become `text`."""

    first: int
    last: int
    text: str


class ProposalBody(BaseModel):
    """`lemmata.apps.complete.proposal.Proposal` as JSON: one behaviour, its edit, and what running
    it came to; `unrun` says why nothing was run."""

    text: str
    diff: str
    edits: list[EditBody]
    idea: str
    verdict: VerdictBody
    passed: int
    examples: int
    ran: int
    inputs: int
    alike: int
    complexity: str
    measured_by: str
    claimed: str
    first_failure: str
    unrun: str


class CompletionBody(BaseModel):
    """`line` counts from 1; `refused` says of candidates why they fit nowhere."""

    path: str
    line: int
    todo: str
    function: str
    language: str
    proposals: list[ProposalBody]
    refused: list[str]
    candidates: int
    tokens: int
    seconds: float
    reasoning: str
    stopped: bool


COMPLETION: dict[int | str, dict[str, Any]] = {
    200: {
        "model": CompletionBody,
        "description": "The proposals, the best first; with `stream`, events started, notice, "
        "piece, trial, candidate, standing, completion. The header Lemmata-Solve tells the id by "
        "which `/api/solve/{id}/answer` has it answer now and `DELETE /api/solve/{id}` stops it.",
        "content": EVENTS,
    },
    **ERRORS,
}
