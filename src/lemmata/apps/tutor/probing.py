"""Watch a program run on many inputs, in a sandbox: what it returned, raised, changed and did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Protocol

from lemmata.apps.tutor.inputs import Values
from lemmata.verify.checkers import Json
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.limits import Limits, Run
from lemmata.verify.sandbox.trial import Order

LINES = 10_000
"""Lines that a watched call may run. Counted, not timed: the same on every machine."""
KEEP = 12
"""Calls, and moments at either end, that a trace holds."""
LIMITS = Limits(time_s=6, memory_mib=256)
KILLS = 3
"""Calls that the sandbox had to end, after which no more are tried."""
BRIEF = Limits(time_s=1, memory_mib=256)
"""For edited programs: most are nonsense, and one that takes long is not the mend."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A line about to run, or a call, with the plain variables as they then were."""

    line: int
    variables: dict[str, str]
    function: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one call did. Exactly one of the first five says how it ended."""

    value: Any = None
    odd: str = ""
    """The type of a value that no test can expect."""
    raised: tuple[str, str, int] | None = None
    """Type, message, line."""
    spent: bool = False
    """It ran more than LINES lines."""
    killed: str = ""
    """The judge's letter where the sandbox ended it: TLE, MLE, RE."""
    changed: tuple[int, ...] = ()
    """Arguments that it changed."""
    shared: bool = False
    """Its value holds one and the same list twice."""
    caught: tuple[str, int] | None = None
    """Type and line of the first error that it raised and dealt with itself."""
    lines: int = 0
    deepest: int = 0
    at: int = 0
    """The last line that ran."""
    calls: tuple[Moment, ...] = ()
    moments: tuple[Moment, ...] = ()

    @property
    def returned(self) -> bool:
        return not (self.odd or self.raised or self.spent or self.killed)

    def same_as(self, expected: Seen) -> bool:
        """The same value, as tests from files compare it."""
        return self.returned and not Json().wrong(primitives.dumps(self.value), expected.value)

    def shown(self) -> str:
        """In a few words of code: a value, or how it ended."""
        if self.raised:
            return self.raised[0]
        if self.spent or self.killed == "TLE":
            return "…"
        return self.killed or (f"<{self.odd}>" if self.odd else repr(self.value))


class Broken(ValueError):
    """The program does not compile: the message, and the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Probe:
    """One program's function. The sandbox is the shared one unless another is given."""

    source: str
    function: str
    sandbox: room.Sandbox | None = None
    written: Callable[[Values], str] | None = None
    """Writes a program's input; None: a function is called."""

    @property
    def spoken(self) -> str:
        return "python"

    def ends_deeper(self, args: Values) -> bool:
        """Whether a call that Python stopped for its depth would come back, were more allowed."""
        told = self._told([self.source], [args], 0, depth=2 * LINES)
        return told is not None and _read_source(told[0])[0].returned

    def watch(self, inputs: Sequence[Values], keep: int = 0) -> list[Seen | None]:
        """What the function does on each input; None where it was not tried any more, since it had
        been killed KILLS times. Raises Broken, EnvironmentMissing."""
        told = self._told([self.source], inputs, keep)
        if told is not None:
            return list(_read_source(told[0]))
        seen: list[Seen | None] = []
        for args in inputs:
            kills = sum(one is not None and bool(one.killed) for one in seen)
            seen.append(self._one(args, keep) if kills < KILLS else None)
        return seen

    def watch_others(self, sources: Sequence[str], inputs: Sequence[Values]) -> list[list[Seen]]:
        """The same function of other programs. A list ends early where a call ran out of lines, and
        is empty where the program cannot be watched."""
        told = self._told(sources, inputs, 0, BRIEF)
        if told is not None:
            return [[] if "broken" in one else _read_source(one) for one in told]
        if len(sources) == 1:
            return [[]]
        return [self.watch_others([source], inputs)[0] for source in sources]

    def _told(
        self, sources: Sequence[str], inputs: Sequence[Values], keep: int,
        limits: Limits = LIMITS, depth: int = 0,
    ) -> Any:  # fmt: skip
        run = self._run(sources, inputs, keep, limits, depth)
        if run.status != "OK" or (run.result or b"")[:1] != b"=":
            return None
        try:
            return primitives.loads((run.result or b"")[1:])
        except ValueError:
            return None

    def _run(
        self, sources: Sequence[str], inputs: Sequence[Values], keep: int,
        limits: Limits = LIMITS, depth: int = 0,
    ) -> Run:  # fmt: skip
        place = self.sandbox or room.shared()
        given = [[self.written(args)] if self.written else list(args) for args in inputs]
        arguments = (list(sources), self.function, given, LINES, keep, depth)
        order = primitives.dumps({"function": "probe", "args": arguments, "kwargs": {}})
        with place.submit(_program(), "python", limits) as submission:
            return submission.run(Order("call", order))

    def _one(self, args: Values, keep: int) -> Seen:
        run = self._run([self.source], [args], keep, BRIEF)
        if run.status == "OK" and (run.result or b"")[:1] == b"=":
            return _read_source(primitives.loads((run.result or b"")[1:])[0])[0]
        return Seen(killed="RE" if run.status in ("OK", "IE") else run.status)


class Watched(Protocol):
    """A program of whatever language that can be watched."""

    @property
    def source(self) -> str: ...

    @property
    def spoken(self) -> str: ...

    def watch(self, inputs: Sequence[Values], keep: int = 0) -> list[Seen | None]: ...

    def ends_deeper(self, args: Values) -> bool: ...


class Remembered:
    """A program that is watched on each input once, however often it is asked about: the reference,
    when a whole class is graded against it."""

    def __init__(self, probe: Watched) -> None:
        self._probe = probe
        self._seen: dict[str, Seen] = {}

    def watch(self, inputs: Sequence[Values]) -> list[Seen | None]:
        """As `Probe.watch`; what was not tried is not remembered."""
        fresh = {repr(args): args for args in inputs if repr(args) not in self._seen}
        if fresh:
            told = zip(fresh, self._probe.watch(list(fresh.values())), strict=True)
            self._seen.update({name: seen for name, seen in told if seen is not None})
        return [self._seen.get(repr(args)) for args in inputs]


@cache
def _program() -> str:
    return (resources.files("lemmata.apps.tutor") / "inside" / "probe.py").read_text("utf-8")


def _read_source(told: dict[str, Any]) -> list[Seen]:
    if "broken" in told:
        kind, message, line = told["broken"]
        raise Broken(f"{kind}: {message}", int(line))
    return [_read(one) for one in told["calls"]]


def _read(told: dict[str, Any]) -> Seen:
    raised = told.get("raised")
    return Seen(
        value=told.get("value"),
        odd=told.get("odd", ""),
        raised=(str(raised[0]), str(raised[1]), int(raised[2])) if raised else None,
        spent=bool(told.get("spent")),
        changed=tuple(told["changed"]),
        shared=bool(told.get("shared")),
        caught=(str(told["caught"][0]), int(told["caught"][1])) if told.get("caught") else None,
        lines=int(told["lines"]),
        deepest=int(told["deepest"]),
        at=int(told["at"]),
        calls=tuple(Moment(line, names, name) for name, line, names in told.get("calls", ())),
        moments=tuple(Moment(line, names) for line, names in told.get("moments", ())),
    )
