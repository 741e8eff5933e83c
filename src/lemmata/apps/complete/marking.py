"""Marking what a model wrote for a TODO: put into the file, run there, grouped by behaviour."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.apps.complete import examples, proposal, reach
from lemmata.apps.complete.languages import CPP, PYTHON
from lemmata.apps.complete.proposal import Proposal
from lemmata.apps.complete.splice import Spliced, splice
from lemmata.apps.complete.target import Target
from lemmata.solve.events import Candidate
from lemmata.solve.marking import Conclusion
from lemmata.solve.programs import complexity
from lemmata.solve.programs.behaviour import Bench, Program, Record
from lemmata.solve.programs.complexity import Growth
from lemmata.solve.programs.marking import ByBehaviour
from lemmata.solve.vote import Cluster
from lemmata.types import Verdict


class NotRun(Bench):
    """For files whose code is not run here; `why` is said instead of a result."""

    def __init__(self, target: Target, why: str) -> None:
        super().__init__(examples.statement_of(target))
        self._why = why

    def record(self, program: Program) -> Record:
        del program
        return Record(0, 0, 0, 0, None, unrun=self._why)

    def growth(self, program: Program) -> Growth | None:
        del program
        return None


def bench_of(target: Target) -> Bench:
    """Where candidates are run: Python, and C++ where its TODO shows input and output."""
    statement = examples.statement_of(target)
    if target.language is PYTHON:
        if target.function is not None and target.function.nested:
            return NotRun(target, f"{target.function.plain} cannot be called from outside")
        return Bench(statement)
    if target.language is CPP:
        if statement.examples:
            return Bench(statement)
        return NotRun(target, "the comment shows no input with its output")
    return NotRun(target, f"{target.language.name or 'this language'} is not run here")


class ByCompletion(ByBehaviour):
    """After the conclusion `proposals` has one for each behaviour, the best first, and `refused`
    says of every other candidate why it fits nowhere."""

    def __init__(self, target: Target) -> None:
        super().__init__(bench_of(target), self._program, target.language.name)
        self._target = target
        self._spliced: dict[str, Spliced] = {}
        self.proposals: tuple[Proposal, ...] = ()
        self.refused: tuple[str, ...] = ()

    def _of(self, derivation: str) -> Spliced:
        if derivation not in self._spliced:
            self._spliced[derivation] = splice(self._target, derivation)
        return self._spliced[derivation]

    def _program(self, derivation: str) -> Program | None:
        spliced = self._of(derivation)
        if spliced.refusal:
            return None
        if self._target.language is PYTHON:
            return Program(reach.program(self._target, spliced.text))
        return Program(spliced.text, self._target.language.name)

    def conclude(self, done: Sequence[Candidate], groups: Sequence[Cluster]) -> Conclusion:
        """Blocking: what is proposed is measured."""
        conclusion = super().conclude(done, groups)
        by_sample = {candidate.sample: candidate for candidate in done}
        grouped = [[by_sample[at] for at in group.samples] for group in groups]
        voted = {candidate.sample for group in grouped for candidate in group}
        alone = [[c] for c in done if c.sample not in voted and c.answer is not None]
        alone = list({group[0].answer: group for group in alone}.values())
        made = [self._proposal(group, len(done)) for group in (*grouped, *alone)]
        self.proposals = tuple(sorted(made, key=_failing))
        refusals = (self._of(c.derivation or c.reasoning).refusal for c in done)
        self.refused = tuple(reason for reason in refusals if reason)
        return conclusion

    def _proposal(self, group: Sequence[Candidate], written: int) -> Proposal:
        best = max(group, key=lambda candidate: (candidate.weight, -candidate.sample))
        record = self.record(best)
        assert record is not None
        derivation = best.derivation or best.reasoning
        target, growth = self._target, self.growth(best)
        text = self._of(derivation).text
        return Proposal(
            text=text.replace("\n", target.newline),
            diff=proposal.diff(target.path, target.text, text),
            edits=proposal.edits(target.text, text),
            idea=proposal.idea_of(derivation),
            verdict=_verdict(record, len(group), written),
            passed=record.passed,
            examples=record.examples,
            ran=record.ran,
            inputs=record.inputs,
            alike=len(group),
            complexity=growth.law if growth else "",
            measured_by=growth.by if growth else "",
            claimed=complexity.claimed(derivation) or "",
            first_failure=record.first_failure,
            unrun=record.unrun,
        )


def _failing(proposal: Proposal) -> tuple[int, int]:
    """Fewest failing examples first, then what most candidates do; a sort keeps the rest."""
    return proposal.examples - proposal.passed, -proposal.alike


def _verdict(record: Record, alike: int, written: int) -> Verdict:
    if record.unrun:
        return Verdict("unverified", f"not run: {record.unrun}")
    if record.passed < record.examples or (record.inputs and not record.ran):
        return Verdict("refuted", record.first_failure)
    if record.examples:
        return Verdict("checked", f"passes {record.passed}/{record.examples} examples")
    if alike > 1 and record.ran:
        return Verdict("agreed", f"{alike}/{written}")
    return Verdict("unverified", "there is no example to check it by")
