"""What is wrong with a submission, each thing with the run that shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lemmata.apps.tutor.counterexample import Contrast

Nature = Literal[
    "syntax", "missing-function", "no-base-case", "endless-loop", "empty-input", "crash",
    "mutates-input", "off-by-one", "wrong-formula", "wrong-value", "no-value", "too-slow",
    "too-much-memory",
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
