"""What is wrong with a submission, each thing with the run that shows it, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lemmata.apps.tutor.counterexample import Contrast

Nature = Literal[
    "syntax", "missing-function", "no-base-case", "endless-loop", "empty-input", "crash",
    "mutates-input", "off-by-one", "wrong-formula", "wrong-value", "no-value", "too-slow",
    "too-much-memory", "too-deep", "wrong-type", "wrong-variable", "early-return",
    "swallowed-error", "shared-list", "reads-input", "only-hidden", "wrong-layout", "no-output",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake. `facts` fill the words (words/*.toml); `repair` is for the teacher alone."""

    nature: Nature
    line: int
    """1-based; 0 where no line can be named."""
    contrast: Contrast | None = None
    facts: dict[str, str] = field(default_factory=dict)
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line (0: on the whole), with the run that supports it.

    `opinion` marks the one kind that no run supports: style."""

    line: int
    nature: str
    text: str
    opinion: bool = False
