"""Several questions of one problem, answered: what they come to together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from lemmata.solve.events import Candidate
from lemmata.solve.marking import Conclusion
from lemmata.types import Solution, Step, Verdict

_APART = "\n\n"
_WEAKNESS = {
    "proved": 0, "correct": 0, "checked": 1, "agreed": 2, "unverified": 3, "undecided": 3,
    "incorrect": 4, "refuted": 4,
}  # fmt: skip


def together(
    source: Literal["numbered", "questions", "model"], parts: Sequence[Solution]
) -> Conclusion:
    """The parts as one, believed as far as the weakest of them. The last step of a model's plan
    answers the whole question."""
    if not parts:
        return nothing("nothing was derived")
    numbered = list(enumerate(parts, 1))
    whole = "; ".join(f"({i}) {part.answer or '?'}" for i, part in numbered)
    at, weakest = max(numbered, key=lambda each: _WEAKNESS.get(each[1].verdict.state, 9))
    texts = [f"({i}) {part.derivation}" for i, part in numbered]
    answer = parts[-1].answer if source == "model" else whole
    return Conclusion(
        Candidate(0, "", _APART.join(texts), answer, "stop", 0),
        Verdict(weakest.verdict.state, f"part {at}: {weakest.verdict.reason}"),
        tuple(f"({i}) {line}" for i, part in numbered for line in part.evidence),
        tuple(_steps(texts, parts)),
    )


def _steps(texts: Sequence[str], parts: Sequence[Solution]) -> Iterator[Step]:
    """Each part's steps, at their places in the derivation of all."""
    begin = 0
    for text, part in zip(texts, parts, strict=True):
        shift = begin + len(text) - len(part.derivation)
        for step in part.steps:
            yield replace(step, start=step.start + shift, end=step.end + shift)
        begin += len(text) + len(_APART)


def nothing(why: str) -> Conclusion:
    """Where there is no derivation."""
    return Conclusion(Candidate(0, "", "", None, "stop", 0), Verdict("unverified", why))
