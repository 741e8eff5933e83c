"""Checks a derivation step by step: every claim that a machine can check is checked.

A step `holds` if at least one of its claims was checked and none failed, `fails` with the claim and
the right value, and is `unchecked` if it claims nothing that can be checked. A step *jumps* if the
value it states follows from nothing before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from lemmata.types import Step
from lemmata.verify import words
from lemmata.verify.bindings import Memory
from lemmata.verify.claims import claims
from lemmata.verify.segment import Segment, segments
from lemmata.verify.stepcheck import StepCheck

_LET = re.compile(
    r"\b(?:let|suppose|assume|denote|define)\s+\$?([A-Za-z])\b|[设令记]\s*\$?([A-Za-z])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.])\$?(\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3}){1,6}(?!\d)")
_SPELLED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty)\b"
)


@dataclass(frozen=True, slots=True)
class StepReport:
    """The steps with their verdicts. `coverage` is the share of steps that were checked, 0 to 1;
    `first_wrong` the index of the first step that fails."""

    steps: tuple[Step, ...]
    coverage: float
    first_wrong: int | None


def verify_steps(text: str, problem: str = "") -> StepReport:
    """Check a derivation. The numbers of the `problem`, where given, count as known, so that a
    value from nowhere in the first step is seen too. Bounded work for any text."""
    memory = memory_of(problem)
    steps = tuple(judged(segment, memory) for segment in segments(text))
    checked = sum(step.state != "unchecked" for step in steps)
    wrong = next((i for i, step in enumerate(steps) if step.state == "fails"), None)
    return StepReport(steps, checked / len(steps) if steps else 0.0, wrong)


def memory_of(problem: str) -> Memory:
    """What is known before the first step: the numbers of the problem."""
    memory = Memory()
    for value in numbers(problem):
        memory.learn(value)
        memory.given.add(value)
    return memory


def judged(segment: Segment, memory: Memory) -> Step:
    """One step, checked with what is known before it; `memory` learns from it."""
    for match in _LET.finditer(segment.text):
        memory.forget(match[1] or match[2])
    check = StepCheck(segment.text, memory)
    found = claims(segment.text)
    for claim in found:
        check.judge(claim)
    check.final_value(found)
    for value in numbers(segment.text):
        memory.learn(value)
        if check.checked:
            memory.given.discard(value)
    state: Literal["holds", "fails", "unchecked"] = "holds" if check.checked else "unchecked"
    return Step(
        segment.text,
        "fails" if check.failure else state,
        check.failure,
        segment.start,
        segment.end,
        check.checked,
        check.jumps,
    )


def numbers(text: str) -> list[Fraction]:
    """The numbers of a text, small ones in words too; those of more than 60 digits left out."""
    found = [match[1].replace(",", "") for match in _NUMBER.finditer(text)]
    found += [match[0].replace(" ", "") for match in _SPACED.finditer(text)]
    spelled = (words.number([word]) for word in _SPELLED.findall(text.lower()))
    return [Fraction(digits) for digits in found if len(digits) <= 60] + [
        Fraction(value[0]) for value in spelled if value
    ]
