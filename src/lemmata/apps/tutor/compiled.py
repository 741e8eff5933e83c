"""Watch a C++ program run on many inputs: what it wrote, where it fell, whether it came back."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType

from lemmata.apps.tutor import cpp_lines
from lemmata.apps.tutor.exercise import Exercise
from lemmata.apps.tutor.inputs import Values
from lemmata.apps.tutor.probing import KILLS, Broken, Moment, Seen
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.limits import Limits, Run
from lemmata.verify.sandbox.submission import Submission
from lemmata.verify.sandbox.trial import Order

LIMITS = Limits(time_s=0.5, memory_mib=256)
COST = Limits(time_s=10, memory_mib=512)
"""For measuring growth."""
ENDLESS_STEPS = 10**12
_ERROR = re.compile(r"solution\.cpp:(\d+):(?:\d+:)? (?:fatal )?error: (.*)")
_WORDS = {
    signal.SIGSEGV: "memory that is not its own was touched",
    signal.SIGBUS: "memory that is not its own was touched",
    signal.SIGFPE: "a division by zero",
    signal.SIGABRT: "the library stopped it: an index or an iterator beyond the end",
}


class Compiled:
    """One C++ program, compiled once. Use it in a `with`."""

    spoken = "cpp"

    def __init__(self, source: str, exercise: Exercise, sandbox: room.Sandbox) -> None:
        self.source, self._exercise, self._place = source, exercise, sandbox
        self._stack = ExitStack()
        self._programs: dict[int, Submission] = {}

    def __enter__(self) -> Compiled:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def watch(self, inputs: Sequence[Values], keep: int = 0) -> list[Seen | None]:
        """What the program does on each input; None where it was not tried any more, since it had
        been killed KILLS times. Every run tells its last line, however much `keep` asks for. Raises
        Broken with the compiler's line."""
        del keep
        program, kills = self._opened(), 0
        made: list[Seen | None] = []
        for args in inputs:
            text = self._exercise.written(args).encode()
            one = _seen(program.run(Order("program", text))) if kills < KILLS else None
            kills += one is not None and bool(one.killed)
            made.append(one)
        return made

    def ends_deeper(self, args: Values) -> bool:
        """Nothing but the stack bounds C++, and that is large."""
        del args
        return False

    def steps(self, args: Values) -> tuple[int, float] | None:
        """Lines run on an input and CPU seconds; None where it did not come to its end."""
        program = self._opened(ENDLESS_STEPS)
        run = program.run(Order("program", self._exercise.written(args).encode()), COST)
        said = cpp_lines.told(run.stderr)
        return (said.steps, run.cpu_s) if run.status == "OK" and said and said.steps else None

    def _opened(self, most: int = cpp_lines.STEPS) -> Submission:
        if most not in self._programs:
            watched = self._submit(cpp_lines.watching(self.source, most))
            made = self._submit(self.source) if watched.complaint else watched
            if made.complaint:
                raise complaint(made.complaint)
            self._programs[most] = made
        return self._programs[most]

    def _submit(self, source: str) -> Submission:
        return self._stack.enter_context(self._place.submit(source, "cpp", LIMITS))


def complaint(text: str) -> Broken:
    """The compiler's first error with its line."""
    found = _ERROR.search(text)
    return Broken(found[2], int(found[1])) if found else Broken(text.splitlines()[0][:200], 0)


def _seen(run: Run) -> Seen:
    said = cpp_lines.told(run.stderr)
    line, steps = (said.line, said.steps) if said else (0, 0)
    if run.status == "OK":
        return Seen(value=plain(run.stdout), lines=steps, at=line)
    if said and said.how == "spent":
        return Seen(spent=True, lines=steps, at=line, moments=(Moment(line, {}),))
    if said and said.how == "signal":
        if said.stack > cpp_lines.DEEP:
            return Seen(raised=("RecursionError", "the stack is full", line), at=line, lines=steps)
        number = signal.Signals(said.signal)
        return Seen(raised=(number.name, _WORDS.get(number, number.name), line), at=line)
    if run.status == "RE":
        return Seen(raised=("RE", run.reason[:200], line), at=line, lines=steps)
    return Seen(killed=run.status if run.status != "IE" else "RE")


def plain(stdout: bytes) -> str:
    """What was written, without blanks at line ends and empty lines at the end."""
    lines = [line.rstrip() for line in stdout.decode(errors="replace").rstrip().split("\n")]
    return "\n".join(lines)
