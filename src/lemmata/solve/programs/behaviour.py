"""Running a candidate program: on the examples, on generated inputs, and for its cost."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lemmata.errors import EnvironmentMissing
from lemmata.solve.programs import complexity
from lemmata.solve.programs.complexity import Growth, Point
from lemmata.solve.programs.inputs import Given, growing, varied
from lemmata.solve.programs.statement import Statement
from lemmata.verify.judgement import Judgement
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.limits import Limits, Run
from lemmata.verify.sandbox.trial import Order

INPUTS = 12
LIMITS = Limits(time_s=2.0, memory_mib=256, output_kib=256)
KILLS = 2
"""Runs that had to be ended, after which a program is not given more inputs."""
_UNTRIED = Run("TLE", reason=f"not tried: {KILLS} runs took too long")
MEASURING = Limits(time_s=4.0, memory_mib=512, output_kib=4096)
_BLOCK = re.compile(r"```(?P<language>[\w+]*)[ \t]*\n(?P<program>.*?)(?:```|\Z)", re.DOTALL)
_CPP = {"cpp", "c++", "cc"}


@dataclass(frozen=True, slots=True)
class Program:
    """A program and its language, as the judge names it."""

    text: str
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Record:
    """What came of running it. `behaviour` names what it did on the generated inputs: equal for
    programs that do the same; None where it ended well on none. `unrun`: why nothing was run."""

    passed: int
    examples: int
    ran: int
    inputs: int
    behaviour: str | None
    first_failure: str = ""
    unrun: str = ""


def program_of(derivation: str) -> Program | None:
    """The last fenced block that is a program, else a bare text that begins like one."""
    for match in reversed(list(_BLOCK.finditer(derivation))):
        language = match["language"].lower()
        if match["program"].strip() and language in {"", "py", "python", "python3", *_CPP}:
            return Program(match["program"], "cpp" if language in _CPP else "python")
    return Program(derivation.lstrip()) if _is_python(derivation.lstrip()) else None


def _is_python(text: str) -> bool:
    """Whether a text without fences is a program: it parses, and is not a mere word or sum."""
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(not isinstance(line, ast.Expr) or isinstance(line.value, ast.Call) for line in lines)


class Bench:
    """The runs for one statement. All methods block; the sandbox is the shared one."""

    def __init__(self, statement: Statement, seed: int = 0) -> None:
        self.statement = statement
        self._seed = seed

    @cached_property
    def inputs(self) -> tuple[Given, ...]:
        return varied(self.statement, INPUTS, self._seed)

    def record(self, program: Program) -> Record:
        """Examples first, then the generated inputs."""
        examples, inputs = self.statement.examples, self.inputs
        try:
            return self._record(program)
        except EnvironmentMissing as missing:
            return Record(0, len(examples), 0, len(inputs), None, unrun=missing.cause)

    def _record(self, program: Program) -> Record:
        examples, passed, failure = self.statement.examples, 0, ""
        endless = False
        for judged, before in self._judged(program):
            passed += judged.passed
            endless = _endless(judged)
            if judged.first_failing is not None and not failure:
                outcome = judged.tests[judged.first_failing]
                number = before + judged.first_failing + 1
                failure = f"example {number}: {outcome.verdict} {outcome.reason}"
        runs = [_UNTRIED] * len(self.inputs) if endless else _run(program, self.inputs)
        ended = sum(run.status == "OK" for run in runs)
        if not failure and runs and ended < len(runs):
            worst = next(run for run in runs if run.status != "OK")
            failure = f"a generated input: {worst.status} {worst.reason}"
        behaviour = _fingerprint(runs) if ended else None
        return Record(passed, len(examples), ended, len(runs), behaviour, failure.strip())

    def _judged(self, program: Program) -> Iterator[tuple[Judgement, int]]:
        """Judgements of the examples, each with how many came before it: of the first few, and of
        the others only if these came to an end."""
        from lemmata.verify import judge

        examples = self.statement.examples
        for start, end in ((0, KILLS), (KILLS, len(examples))):
            if not examples[start:end]:
                return
            judged = judge(program.text, examples[start:end], LIMITS, program.language)
            yield judged, start
            if _endless(judged):
                return

    def growth(self, program: Program) -> Growth | None:
        """The measured law of its cost; None where there are no inputs to grow, or for a language
        whose steps cannot be counted."""
        if program.language != "python":
            return None
        points = []
        for given in growing(self.statement, complexity.SIZES, self._seed):
            call = f"{_named(given.function)}(*{given.args!r})" if given.function else "pass"
            counting = Program(complexity.counting(program.text, call))
            (run,) = _run(counting, [Given(stdin=given.stdin)], MEASURING)
            count = complexity.counted(run.stderr)
            if run.status != "OK" or not count:
                break
            points.append(Point(given.size, count, run.cpu_s))
            if run.cpu_s > complexity.LONGEST_S:
                break
        return complexity.fit(points)


def _endless(judged: Judgement) -> bool:
    return all(test.verdict == "TLE" for test in judged.tests)


def _named(function: str) -> str:
    """`f`, or `Class.method` on a fresh instance, as the counted call names it."""
    first, _, method = function.partition(".")
    return f"space[{first!r}]().{method}" if method else f"space[{first!r}]"


def _run(program: Program, inputs: Sequence[Given], limits: Limits = LIMITS) -> list[Run]:
    from lemmata.verify.sandbox import room

    if not inputs:
        return []
    with room.shared().submit(program.text, program.language, limits) as submission:
        if submission.complaint:
            return [Run("RE", reason=submission.complaint.splitlines()[0])] * len(inputs)
        runs: list[Run] = []
        for given in inputs:
            if sum(run.status == "TLE" for run in runs) < KILLS:
                runs.append(submission.run(_order(given)))
            else:
                runs.append(_UNTRIED)
        return runs


def _order(given: Given) -> Order:
    if not given.function:
        return Order("program", given.stdin.encode())
    call = {"function": given.function, "args": given.args, "kwargs": {}}
    return Order("call", primitives.dumps(call))


def _fingerprint(runs: Sequence[Run]) -> str:
    digest = hashlib.sha256()
    for run in runs:
        out = b" ".join(run.stdout.split()) if run.result is None else run.result
        digest.update(b"\0" + (out if run.status == "OK" else run.status.encode()))
    return digest.hexdigest()[:16]
