"""What every sample of one question is asked, and what was there of it when it was stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lemmata.engines.base import Sampling
from lemmata.prompts.language import Language
from lemmata.solve.events import Candidate
from lemmata.types import Message


@dataclass(frozen=True, slots=True)
class Question:
    """What every sample is asked. `inside`: the template opens the thinking itself."""

    messages: tuple[Message, ...]
    adapter: str | None
    sampling: Sampling
    votes: int
    language: Language
    inside: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """What was there of a question when it was stopped: finished candidates, and of the others the
    text so far with its tokens."""

    done: tuple[Candidate, ...] = ()
    partial: Mapping[int, tuple[str, int]] = field(default_factory=dict)
