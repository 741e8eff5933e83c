"""Judge a program: run it against tests in a sandbox, decide outside, give one letter verdict a
test.

    AC accepted               TLE out of time        RE  ended badly or without a value
    WA wrong answer           MLE out of memory      CE  does not compile (every test)
    IE a fault of ours,       OLE out of output
       or of a test's own checker
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from lemmata.errors import BadInput
from lemmata.verify.cases import Asserts, Call, Stdio, Test
from lemmata.verify.checkers import Custom
from lemmata.verify.hearing import Hearing
from lemmata.verify.judgement import Judgement, Outcome, result_of, returned
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.limits import Limits, Run
from lemmata.verify.sandbox.submission import Submission
from lemmata.verify.sandbox.trial import Line, Order

REFEREE = Limits(time_s=60, wall_s=120, memory_mib=512)
"""For checkers and test code, which are the test author's."""
WRONG_EXITS = (1, 2)


def judge(
    program: str,
    tests: Sequence[Test],
    limits: Limits | None = None,
    language: str = "python",
    *,
    sandbox: room.Sandbox | None = None,
    until_failure: bool = False,
) -> Judgement:
    """Judge `program` by `tests`, in order; with `until_failure` stop at the first that is not AC.

    Raises BadInput (no tests, a test that the language cannot have), EnvironmentMissing (no
    sandbox on this machine, no compiler). Never raises because of what the program does.
    """
    if not tests:
        raise BadInput("there are no tests to judge by", "Give at least one test.")
    if language != "python" and not all(isinstance(test, Stdio) for test in tests):
        raise BadInput(
            f"{language} programs are judged by stdin and stdout only", "Use such tests."
        )
    place = sandbox or room.shared()
    with ExitStack() as stack:
        submission = stack.enter_context(place.submit(program, language, limits))
        if submission.complaint:
            failed = Outcome("CE", submission.complaint.splitlines()[0])
            return Judgement(
                "CE", (failed,) * len(tests), 0, place.level.rung, submission.complaint
            )
        court = _Court(place, submission, stack)
        results = tuple(court.results(tests, until_failure))
    first = next((place for place, result in enumerate(results) if result.verdict != "AC"), None)
    verdict = "AC" if first is None else results[first].verdict
    return Judgement(verdict, results, first, place.level.rung)


class _Court:
    """One submission's tests, with the sandboxes of those who judge it."""

    def __init__(self, place: room.Sandbox, submission: Submission, stack: ExitStack) -> None:
        self.place, self.submission, self.stack = place, submission, stack
        self.referees: dict[tuple[str, str], Submission] = {}

    def results(self, tests: Sequence[Test], until_failure: bool) -> Iterator[Outcome]:
        for test in tests:
            result = self.judge(test)
            yield result
            if until_failure and result.verdict != "AC":
                return

    def judge(self, test: Test) -> Outcome:
        if isinstance(test, Stdio):
            return self._stdio(test)
        return self._call(test) if isinstance(test, Call) else self._asserts(test)

    def _stdio(self, test: Stdio) -> Outcome:
        run = self.submission.run(Order("program", test.stdin.encode()))
        if run.status != "OK":
            return result_of(run.status, run.reason, run)
        expected = test.expected.encode()
        if isinstance(test.checker, Custom):
            return self._custom(test.checker, test, run)
        wrong = test.checker.wrong(run.stdout, expected)
        return result_of("WA" if wrong else "AC", wrong, run)

    def _custom(self, checker: Custom, test: Stdio, run: Run) -> Outcome:
        referee = self._referee(checker.source, checker.language)
        if referee.complaint:
            return result_of("IE", f"the checker does not compile: {referee.complaint[:200]}", run)
        files = {
            "input.txt": test.stdin.encode(), "output.txt": run.stdout,
            "answer.txt": test.expected.encode(),
        }  # fmt: skip
        ruling = referee.run(Order("files", primitives.dumps(files), tuple(files)))
        said = (ruling.stdout + ruling.stderr).decode(errors="replace").strip()[:300]
        if ruling.status == "OK":
            return result_of("AC", "", run)
        if ruling.status == "RE" and ruling.exit_code in WRONG_EXITS and "Traceback" not in said:
            return result_of("WA", said or "the checker says so", run)
        return result_of("IE", f"the checker failed: {ruling.reason}", run)

    def _call(self, test: Call) -> Outcome:
        call = {"function": test.function, "args": test.args, "kwargs": dict(test.kwargs)}
        run = self.submission.run(Order("call", primitives.dumps(call)))
        value, failure = returned(run)
        if failure:
            return failure
        wrong = test.checker.wrong(value, test.expected)
        return result_of("WA" if wrong else "AC", wrong, run)

    def _asserts(self, test: Asserts) -> Outcome:
        referee = self._referee(test.setup, "python")
        if referee.complaint:
            return result_of(
                "IE", f"the setup does not compile: {referee.complaint[:200]}", Run("IE")
            )
        near, far = socket.socketpair()
        with near:
            hearing = Hearing(self.submission, near)
            order = Order(
                "check", primitives.dumps({"function": test.function, "code": test.code}),
                line=Line(near, far, hearing.answer),
            )  # fmt: skip
            ruling = referee.run(order)
            return hearing.verdict(ruling)

    def _referee(self, source: str, language: str) -> Submission:
        key = (source, language)
        if key not in self.referees:
            self.referees[key] = self.stack.enter_context(
                self.place.submit(source, language, REFEREE)
            )
        return self.referees[key]
