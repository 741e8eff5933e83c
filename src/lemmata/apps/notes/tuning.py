"""The error notebook as a tuning set: a row for each problem whose correction passes its checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lemmata.apps.notes import examples
from lemmata.apps.notes.blocks import blocks
from lemmata.apps.notes.check import LIMITS, final_answer
from lemmata.apps.notes.links import plain
from lemmata.apps.notes.notebook import Entry
from lemmata.apps.notes.sections import code_of
from lemmata.data.examples import to_line
from lemmata.prompts.language import detect
from lemmata.types import Example, Message
from lemmata.verify import judge, verify_math, verify_steps


@dataclass(frozen=True, slots=True)
class Left:
    """An entry that gives no row, and why, in one line."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TuningSet:
    """`lines` are JSON lines that `lemmata data check` reads."""

    lines: tuple[str, ...]
    left: tuple[Left, ...]


def tuning_set(entries: Iterable[Entry]) -> TuningSet:
    """Nothing is exported on trust: every correction is checked now."""
    lines, left = [], []
    for entry in entries:
        reason = _unfit(entry)
        if reason:
            left.append(Left(entry.id, reason))
        else:
            lines.append(to_line(_row(entry)))
    return TuningSet(tuple(lines), tuple(left))


def _row(entry: Entry) -> Example:
    meta = {"task": entry.task, "language": detect(entry.problem), "group": entry.id}
    completion = plain(entry.correction)
    if entry.gold:
        meta["gold"] = entry.gold
        if verify_math(completion, entry.gold).state != "correct":  # right, but not marked
            completion += f"\n\n$\\boxed{{{entry.gold}}}$"
    return Example((Message("user", plain(entry.problem)),), completion, meta)


def _unfit(entry: Entry) -> str:
    """Why an entry cannot be learnt from, "" if it can."""
    if not entry.problem:
        return "it has no problem"
    if not entry.correction:
        return "it has no correction yet"
    return _wrong_program(entry) if entry.task == "code" else _wrong_derivation(entry)


def _wrong_derivation(entry: Entry) -> str:
    report = verify_steps(entry.correction, entry.problem)
    if report.first_wrong is not None:
        return f"its correction is wrong: {report.steps[report.first_wrong].reason}"
    if not any(step.state == "holds" for step in report.steps):
        return "nothing in its correction can be checked"
    if entry.gold:
        verdict = final_answer(entry.correction, entry.gold)
        if verdict.state != "correct":
            return f"its answer is {verdict.state}: {verdict.reason}"
    return ""


def _wrong_program(entry: Entry) -> str:
    programs = [
        block for block in blocks(entry.correction)
        if block.kind == "code" and block.info in examples.LANGUAGES
    ]  # fmt: skip
    if not programs:
        return "its correction has no program"
    language = examples.LANGUAGES[programs[0].info]
    program = examples.read(code_of(programs[0]), language, entry.problem)
    if program.fault:
        return f"its program does not compile: {program.fault}"
    if not program.examples:
        return "its program has no example to be run on"
    judgement = judge(program.code, [given.test for given in program.examples], LIMITS, language)
    if judgement.first_failing is not None:
        failing = judgement.tests[judgement.first_failing]
        return f"its program fails: {failing.reason or failing.verdict}"
    return ""
