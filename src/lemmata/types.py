"""The vocabulary that every stage speaks. Standard library only, frozen values only.

Command line, HTTP and Python use these field names; a JSON document from one is understood by the
others. Shapes and units stand beside each field.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Speaker = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled"]
VerdictState = Literal[
    "correct", "incorrect", "undecided",  # where a gold answer is known
    "proved", "checked", "agreed", "refuted", "unverified",  # where none is
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, before any chat template."""

    role: Speaker
    content: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A question, with its gold answer where one is known."""

    text: str
    gold: str | None = None
    task: str = "math"
    id: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One training row: what the model is shown and what it should write.

    `completion` excludes the stop token; rendering adds it.
    """

    messages: tuple[Message, ...]
    completion: str
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Completion:
    """What an engine wrote for one request."""

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation: its text and, once checked, what came of it."""

    text: str
    state: Literal["holds", "fails", "unchecked"] = "unchecked"
    reason: str = ""
    """Where it fails: the claim and the value that is right."""
    start: int = 0
    end: int = 0
    """The half-open span of characters in the derivation."""
    claims: int = 0
    """Claims in it that were checked."""
    jump: bool = False
    """Its value follows from nothing before it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check; never a bare number. `reason` is one line for a person."""

    state: VerdictState
    reason: str = ""

    def __bool__(self) -> bool:
        raise TypeError("a Verdict has more than two states: compare verdict.state")


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved problem: derivation, final answer, and how far it may be believed."""

    problem: str
    derivation: str
    answer: str | None
    verdict: Verdict
    steps: tuple[Step, ...] = ()
    evidence: tuple[str, ...] = ()
    role: str | None = None
    adapter: str | None = None
    reasoning: str = ""
    """What the model thought before the derivation, where it is one that thinks."""
    tokens: int = 0
    seconds: float = 0.0
    language: str = ""
    """Of the problem and so of the answer: en or zh."""
    parts: tuple[Solution, ...] = ()
    """Of a compound problem, one for each question, in order."""


@dataclass(frozen=True, slots=True)
class AdapterRef:
    """A validated adapter folder: `sha256` is the hash of its content, `name` a movable alias."""

    name: str
    path: Path
    sha256: str
    base: str
    rank: int
    alpha: float


def as_json(value: Any) -> dict[str, Any]:
    """The plain-JSON form of any value above (paths become strings, tuples lists)."""
    return {key: _plain(item) for key, item in asdict(value).items()}


def _plain(item: Any) -> Any:
    if isinstance(item, Path):
        return str(item)
    if isinstance(item, dict):
        return {key: _plain(inner) for key, inner in item.items()}
    if isinstance(item, (list, tuple)):
        return [_plain(inner) for inner in item]
    return item
