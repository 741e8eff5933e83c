"""What is told while a problem is solved, in the order it happens; the last is the `Solution`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lemmata.types import FinishReason, Solution

NoticeKind = Literal["length", "off-domain", "plan", "budget", "resumed", "continued", "journal"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know, in one line."""

    text: str
    kind: NoticeKind = "length"


@dataclass(frozen=True, slots=True)
class Plan:
    """The questions that the problem was split into, in the order they are answered."""

    parts: tuple[str, ...]
    source: Literal["numbered", "questions", "model"]


@dataclass(frozen=True, slots=True)
class Part:
    """From here on the events are of question `index`, counted from 0."""

    index: int
    question: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A bit of one sample's text as it is written. `tokens` counts those of this piece."""

    sample: int
    kind: Literal["reasoning", "derivation"]
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One finished sample. `weight` is what its vote counts (weights.py, claims.py)."""

    sample: int
    reasoning: str
    derivation: str
    answer: str | None
    finish_reason: FinishReason
    tokens: int
    weight: float = 1.0
    holds: int = 0
    """Steps that were checked and hold."""
    fails: int = 0
    coverage: float = 0.0
    """Share of its steps that were checked, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the vote stands: (answer, summed weight, samples), the leader first. `confidence` is the
    posterior that the leader stays ahead; `decided` says what settled it, "" while it is open."""

    groups: tuple[tuple[str, float, int], ...]
    confidence: float
    decided: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """The model was told that a step is wrong, and goes on from before it in a new sample."""

    sample: int
    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of running one candidate program: on the statement's examples, and how many of the
    generated inputs it ended well on."""

    sample: int
    passed: int
    examples: int
    ran: int
    inputs: int
    first_failure: str = ""


Event = Notice | Plan | Part | Piece | Candidate | Standing | Repair | Trial | Solution
