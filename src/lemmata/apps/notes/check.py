"""What stands in a note, checked: each step of its derivations, each example of its programs, each
answer whose right value is known. No model takes part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lemmata.apps.notes import examples
from lemmata.apps.notes.blocks import Block, prose
from lemmata.apps.notes.marks import JUMP, marked
from lemmata.apps.notes.sections import (
    Section,
    attempt,
    code_of,
    says_attempt,
    sections,
    spans,
    without_label,
)
from lemmata.errors import BadInput
from lemmata.types import Step, Verdict
from lemmata.verify import Limits, judge, verify_math

State = Literal["holds", "fails", "unchecked"]
_WORST: tuple[State, ...] = ("fails", "holds", "unchecked")
LIMITS = Limits(time_s=2.0, memory_mib=256)


@dataclass(frozen=True, slots=True)
class Finding:
    """One checked thing: a step, an example, an answer. `line` is that of the note behind which it
    is told (counted from 0), `number` counts the steps of its section from 1, `at` is the line of a
    step itself."""

    kind: Literal["step", "example", "answer", "program"]
    state: State
    text: str
    reason: str
    line: int
    number: int = 0
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One section. `problem` and `attempt` are what an error notebook keeps of it."""

    heading: str
    task: Literal["math", "code"]
    problem: str
    attempt: str
    gold: str
    findings: tuple[Finding, ...]

    @property
    def state(self) -> State:
        """`fails` if anything does, else `holds` if anything does."""
        states = {finding.state for finding in self.findings}
        return next((state for state in _WORST if state in states), "unchecked")

    @property
    def first_wrong(self) -> Finding | None:
        return next((one for one in self.findings if one.state == "fails"), None)


def check(text: str, first: int = 0, last: int | None = None) -> list[Checked]:
    """The sections of a note in which something can be checked, of the lines `first` to `last`
    (half open) only. Of a whole note, sections that neither claim
    anything nor call themselves a proof, a solution or the like are left out.

    Raises BadInput where nothing stands there; EnvironmentMissing without a sandbox.
    """
    if not text.strip():
        raise BadInput("there is nothing to check: the note is empty")
    chosen = [_within(section, first, last) for section in sections(text)]
    chosen = [section for section in chosen if section.written or section.programs]
    if not chosen and (first or last is not None):
        raise BadInput("there is nothing to check in the selection", "Select a proof or a program.")
    whole = not first and last is None
    return [
        checked
        for section in chosen
        for checked in _section(section, asked=not whole or says_attempt(section))
    ]


def _within(section: Section, first: int, last: int | None) -> Section:
    def inside(block: Block) -> bool:
        return block.last > first and (last is None or block.first < last)

    return Section(
        section.heading,
        section.first,
        list(filter(inside, section.written)),
        list(filter(inside, section.programs)),
        section.gold,
        None if section.tried is None else sum(map(inside, section.written[: section.tried])),
    )


def _section(section: Section, asked: bool) -> list[Checked]:
    """`asked`: what cannot be checked is told as well."""
    around, places = spans(section)
    found = [_program(section, block, around) for block in section.programs]
    done = [one for one in found if one is not None and (asked or one.state != "unchecked")]
    steps = marked(around, section.heading) if around else ()
    claims = [
        any(step.claims and start <= step.start < end for step in steps) for start, end in places
    ]
    if any(claims) or ((asked or section.gold) and section.written and not found):
        done.insert(0, _derivation(section, steps, places, claims))
    return [one for one in done if one.findings]


def _derivation(
    section: Section, steps: tuple[Step, ...], places: list[tuple[int, int]], claims: list[bool]
) -> Checked:
    begins = attempt(section, claims)
    problem = without_label("\n\n".join(prose(block) for block in section.written[:begins]))
    tried = without_label("\n\n".join(prose(block) for block in section.written[begins:]))
    found: list[Finding] = []
    for block, (start, end) in zip(section.written, places, strict=True):
        inside = [step for step in steps if start <= step.start < end]
        if section.written.index(block) >= begins or any(step.claims for step in inside):
            text = prose(block)
            for number, step in enumerate(inside, len(found) + 1):
                at = block.first + text.count("\n", 0, step.start - start)
                found.append(_step(step, block.last - 1, number, at))
    if section.gold and tried:
        found.append(_answer(tried, section.gold, section.written[-1].last - 1))
    whole = problem or section.heading
    return Checked(section.heading, "math", whole, tried or problem, section.gold, tuple(found))


def _step(step: Step, line: int, number: int, at: int) -> Finding:
    reason = step.reason
    if step.jump and not reason:
        reason = JUMP
    return Finding("step", step.state, step.text, reason, line, number, at)


def _answer(tried: str, gold: str, line: int) -> Finding:
    verdict = final_answer(tried, gold)
    states: dict[str, State] = {"correct": "holds", "incorrect": "fails"}
    return Finding("answer", states.get(verdict.state, "unchecked"), gold, verdict.reason, line)


def final_answer(tried: str, gold: str) -> Verdict:
    """A derivation's answer against the right one; where it marks none, what its last chain of
    equations ends in."""
    verdict = verify_math(tried, gold)
    if verdict.state == "undecided" and "=" in tried:
        return verify_math(tried.rpartition("=")[2].strip(" .。$\n"), gold)
    return verdict


def _program(section: Section, block: Block, around: str) -> Checked | None:
    language = examples.LANGUAGES.get(block.info)
    if language is None:
        return None
    code = code_of(block)
    program = examples.read(code, language, around)
    line = block.last - 1
    if program.fault:
        found = [Finding("program", "fails", "", program.fault, line)]
    elif not program.examples:
        found = [Finding("program", "unchecked", "", "no example to run it on", line)]
    else:
        found = _judged(program, language, line)
    attempt_ = f"```{language}\n{code}\n```"
    problem = "\n\n".join(prose(one) for one in section.written if one.last <= block.first)
    problem = without_label(problem) or section.heading
    return Checked(section.heading, "code", problem, attempt_, "", tuple(found))


def _judged(program: examples.Program, language: str, line: int) -> list[Finding]:
    tests = [given.test for given in program.examples]
    judgement = judge(program.code, tests, LIMITS, language)
    if judgement.complaint:
        return [Finding("program", "fails", "", judgement.complaint.splitlines()[0], line)]
    found = []
    for number, (given, test) in enumerate(zip(program.examples, judgement.tests, strict=True), 1):
        states: dict[str, State] = {"AC": "holds", "IE": "unchecked"}
        state = states.get(test.verdict, "fails")
        found.append(Finding("example", state, given.shown, test.reason, line, number))
    return found
