"""What is made of finished derivations: steps checked, votes weighed, the whole judged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lemmata.solve.continuation import BOXED, Demand
from lemmata.solve.events import Candidate, Event
from lemmata.solve.pruning import Pruning
from lemmata.solve.sample import checked
from lemmata.solve.vote import Cluster
from lemmata.solve.weights import ALIKE, BY_STEPS, Scale
from lemmata.types import Problem, Step, Verdict


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The candidate to show, its steps, and how far it may be believed."""

    best: Candidate
    verdict: Verdict
    evidence: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


class Marker(Protocol):
    """Marks candidates of one problem. `mark` may tell events, the last being the candidate as
    marked; `key` is what votes are grouped by and `scale` what they weigh; `pruning` ends what need
    not be heard to its end; `demand` is how an answer is asked for at once."""

    demand: Demand
    scale: Scale
    pruning: Pruning | None

    def mark(self, candidate: Candidate) -> AsyncGenerator[Event, None]: ...
    def key(self, candidate: Candidate) -> str | None: ...
    def same(self, first: str, second: str) -> bool: ...
    def conclude(self, done: Sequence[Candidate], groups: Sequence[Cluster]) -> Conclusion: ...


class ByAnswer:
    """Votes grouped by mathematical equality and weighed by their steps."""

    demand = BOXED

    def __init__(self, problem: Problem, weighted: bool) -> None:
        self.problem, self._weighted = problem, weighted
        self.scale = BY_STEPS if weighted else ALIKE
        self.pruning = Pruning(problem.text) if weighted else None

    async def mark(self, candidate: Candidate) -> AsyncGenerator[Event, None]:
        yield await asyncio.to_thread(checked, candidate, self.problem.text, self._weighted)

    def key(self, candidate: Candidate) -> str | None:
        return candidate.answer

    def same(self, first: str, second: str) -> bool:
        from lemmata.verify import verify_math

        return verify_math(first, second).state == "correct"

    def conclude(self, done: Sequence[Candidate], groups: Sequence[Cluster]) -> Conclusion:
        """Blocking. Of the leading group the derivation that was checked furthest is shown."""
        from lemmata.verify import verify_math, verify_steps

        best = shown(done, groups)
        report = verify_steps(best.derivation, self.problem.text)
        evidence = (*tallies(done, groups), *_told(report.steps, report.first_wrong))
        if not groups:
            verdict = _no_answer(self.problem, done)
        elif self.problem.gold is not None:
            verdict = verify_math(best.answer or "", self.problem.gold)
        else:
            verdict = _believed(report.steps, done, groups)
        return Conclusion(best, verdict, evidence, report.steps)


def shown(done: Sequence[Candidate], groups: Sequence[Cluster]) -> Candidate:
    """The heaviest of the leading group, the earliest of equals; without groups the first."""
    if not done:
        return Candidate(0, "", "", None, "cancelled", 0)
    if not groups:
        return min(done, key=lambda candidate: candidate.sample)
    members = [candidate for candidate in done if candidate.sample in groups[0].samples]
    return max(members, key=lambda candidate: (candidate.weight, -candidate.sample))


def tallies(done: Sequence[Candidate], groups: Sequence[Cluster]) -> tuple[str, ...]:
    """One line a group, where there was a vote."""
    if len(done) < 2:
        return ()
    return tuple(_tally(group, len(done)) for group in groups)


def _tally(group: Cluster, votes: int) -> str:
    counted = len(group.samples)
    weighed = "" if abs(group.weight - counted) < 1e-9 else f" (weight {group.weight:.2f})"
    return f"{counted}/{votes} derivations answer {group.answer}{weighed}"


def _told(steps: Sequence[Step], first_wrong: int | None) -> tuple[str, ...]:
    checkable = sum(step.state != "unchecked" for step in steps)
    if not checkable:
        return ()
    line = f"{checkable} of {len(steps)} steps could be checked"
    if first_wrong is None:
        return (f"{line} and hold",)
    return (line, f"step {first_wrong + 1} fails: {steps[first_wrong].reason}")


def _no_answer(problem: Problem, done: Sequence[Candidate]) -> Verdict:
    cut = bool(done) and all(candidate.finish_reason != "stop" for candidate in done)
    reason = "the derivation was cut at the token limit" if cut else "no final answer was given"
    return Verdict("unverified" if problem.gold is None else "incorrect", reason)


def _believed(
    steps: Sequence[Step], done: Sequence[Candidate], groups: Sequence[Cluster]
) -> Verdict:
    """What may be said without a gold answer: the strongest that is true."""
    members = [candidate for candidate in done if candidate.sample in groups[0].samples]
    wrong = next((i for i, step in enumerate(steps) if step.state == "fails"), None)
    if wrong is not None and all(member.fails for member in members):
        return Verdict("refuted", f"step {wrong + 1} fails: {steps[wrong].reason}")
    if len(done) > 1 and len(members) > 1 and not tied(groups):
        return Verdict("agreed", f"{len(members)}/{len(done)}")
    if steps and all(step.state == "holds" and not step.jump for step in steps):
        return Verdict("checked", "every step was checked and holds")
    return Verdict("unverified", _why_not(len(members), len(done)))


def tied(groups: Sequence[Cluster]) -> bool:
    return len(groups) > 1 and abs(groups[0].weight - groups[1].weight) < 1e-9


def _why_not(agreeing: int, votes: int) -> str:
    if votes == 1:
        return "one derivation and no gold answer to compare with"
    if agreeing == 1:
        return f"no two of {votes} derivations agree"
    return f"a tie: answers with {agreeing} of {votes} derivations each"
