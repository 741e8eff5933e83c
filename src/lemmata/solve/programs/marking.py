"""Marking candidates whose answer is a program: grouped by what they do, not by how they read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from lemmata.solve.continuation import fenced
from lemmata.solve.events import Candidate, Event, Trial
from lemmata.solve.marking import Conclusion, shown
from lemmata.solve.programs import complexity
from lemmata.solve.programs.behaviour import Bench, Program, Record, program_of
from lemmata.solve.programs.complexity import Growth
from lemmata.solve.pruning import Pruning
from lemmata.solve.vote import Cluster
from lemmata.solve.weights import ALIKE, DOUBT
from lemmata.types import Verdict


class ByBehaviour:
    """A program that passes every example votes with weight 1, any other with `DOUBT` squared for
    each failing example; one that ends well on no input votes for nobody."""

    scale = ALIKE
    pruning: Pruning | None = None

    def __init__(
        self,
        bench: Bench,
        program_in: Callable[[str], Program | None] = program_of,
        language: str = "python",
    ) -> None:
        self.demand = fenced(language)
        self._bench, self._program_in = bench, program_in
        self._records: dict[int, Record] = {}
        self._laws: dict[str, Growth | None] = {}

    async def mark(self, candidate: Candidate) -> AsyncGenerator[Event, None]:
        written = candidate.derivation or candidate.reasoning
        program = await asyncio.to_thread(self._program_in, written)
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
        evidence.append(self._cost(best))
        return Conclusion(best, _believed(record, groups, len(done)), tuple(evidence))

    def growth(self, candidate: Candidate) -> Growth | None:
        """The measured law of a candidate's program, measured once; None too where it ended well on
        no input. Blocking."""
        program = self._program_in(candidate.derivation or candidate.reasoning)
        record = self.record(candidate)
        if program is None or record is None or (record.inputs and not record.ran):
            return None
        if program.text not in self._laws:
            self._laws[program.text] = self._bench.growth(program)
        return self._laws[program.text]

    def record(self, candidate: Candidate) -> Record | None:
        """What came of running it; None where it wrote no program."""
        return self._records.get(candidate.sample)

    def _cost(self, best: Candidate) -> str:
        claim = complexity.claimed(best.derivation)
        said = f"; claimed O({claim})" if claim else "; no complexity was claimed"
        growth = self.growth(best)
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
