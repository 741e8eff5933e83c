"""Marking candidates whose answer is a program: grouped by what they do, not by how they read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from lemmata.solve.events import Candidate, Event, Trial
from lemmata.solve.marking import Conclusion, shown
from lemmata.solve.programs import complexity
from lemmata.solve.programs.behaviour import Bench, Program, Record, program_of
from lemmata.solve.vote import Cluster
from lemmata.solve.weights import DOUBT
from lemmata.types import Problem, Verdict


class ByBehaviour:
    """A program that passes every example votes with weight 1, any other with `DOUBT` squared for
    each failing example; one that ends well on no input votes for nobody."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._bench = Bench(problem.text)
        self._records: dict[int, Record] = {}

    async def mark(self, candidate: Candidate) -> AsyncGenerator[Event, None]:
        program = program_of(candidate.derivation or candidate.reasoning)
        if program is None:
            yield replace(candidate, answer=None)
            return
        record = await asyncio.to_thread(self._bench.record, program)
        self._records[candidate.sample] = record
        yield Trial(
            candidate.sample, record.passed, record.examples, record.ran, record.inputs,
            record.first_failure or record.unrun,
        )  # fmt: skip
        failing = record.examples - record.passed
        weight = DOUBT ** min(2 * failing, 4) if not record.unrun else 1.0
        yield replace(candidate, answer=program.text, weight=weight, fails=failing)

    def key(self, candidate: Candidate) -> str | None:
        record = self._records.get(candidate.sample)
        if record is None:
            return None
        if record.unrun or not record.inputs:
            return candidate.answer if record.passed == record.examples or record.unrun else None
        return record.behaviour

    def same(self, first: str, second: str) -> bool:
        return first == second

    def conclude(self, done: Sequence[Candidate], groups: Sequence[Cluster]) -> Conclusion:
        """Blocking: the program shown is measured."""
        best = shown(done, groups)
        record = self._records.get(best.sample)
        if record is None or best.answer is None:
            return Conclusion(best, Verdict("unverified", "no program was written"))
        if record.unrun:
            return Conclusion(best, Verdict("unverified", f"nothing was run: {record.unrun}"))
        evidence = [_tested(record)]
        if groups and len(done) > 1:
            alike = len(groups[0].samples)
            evidence.append(f"{alike}/{len(done)} programs do the same on the generated inputs")
        program = program_of(best.derivation or best.reasoning) or Program(best.answer)
        evidence.append(self._cost(program, best.derivation))
        return Conclusion(best, _believed(record, groups, len(done)), tuple(evidence))

    def _cost(self, program: Program, derivation: str) -> str:
        claim = complexity.claimed(derivation)
        said = f"; claimed O({claim})" if claim else "; no complexity was claimed"
        growth = self._bench.growth(program)
        if growth is None:
            return f"complexity not measured: too few inputs could be grown{said}"
        agrees = ", which agrees" if claim == growth.law else ""
        return (
            f"measured O({growth.law}) by {growth.by} over {growth.points} sizes{said}"
            f"{agrees if claim else ''}"
        )


def _tested(record: Record) -> str:
    line = (
        f"{record.passed}/{record.examples} examples of the statement pass; "
        f"{record.ran}/{record.inputs} generated inputs end well"
    )
    return f"{line}; first failure: {record.first_failure}" if record.first_failure else line


def _believed(record: Record, groups: Sequence[Cluster], programs: int) -> Verdict:
    if record.passed < record.examples:
        return Verdict("refuted", record.first_failure)
    if record.examples:
        return Verdict("checked", f"passes {record.passed}/{record.examples} examples")
    if not record.ran:
        return Verdict("unverified", record.first_failure or "there is no input to run it on")
    alike = len(groups[0].samples) if groups else 0
    if alike > 1 and (len(groups) == 1 or groups[0].weight > groups[1].weight):
        return Verdict("agreed", f"{alike}/{programs}")
    return Verdict("unverified", f"it ends well on {record.ran}/{record.inputs} inputs, no example")
