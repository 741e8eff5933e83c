"""Calls a submission's function under a tracer; runs inside the sandbox, so nothing here is secret.

The submission shares this interpreter and could forge what is reported. That spoils only its own
comments: the verdict comes from the judge, which compares outside.
"""

import copy
import io
import os
import reprlib
import sys
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

STUDENT = "<submission>"
PLAIN = (type(None), bool, int, float, str)
SHOWN = reprlib.Repr()
SHOWN.maxstring = SHOWN.maxother = 60
SHOWN.maxlist = SHOWN.maxtuple = 12
PIPE = 60_000
"""Bytes that a pipe holds with nobody reading; watched inputs are small."""
Told = dict[str, Any]


class Spent(BaseException):
    """The lines that a call may run are used up."""


class Watch:
    """Counts lines; keeps the first calls and, if asked, the first and last moments."""

    def __init__(self, budget: int, keep: int) -> None:
        self.budget, self.keep = budget, keep
        self.lines, self.depth, self.deepest, self.at = 0, 0, 0, 0
        self.calls: list[list[Any]] = []
        self.moments: list[list[Any]] = []
        self.caught: list[Any] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != STUDENT or event != "call":
            return None
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        if len(self.calls) < self.keep:
            self.calls.append([frame.f_code.co_name, frame.f_lineno, shown(frame)])
        return self.inside

    def inside(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "return":
            self.depth -= 1
        if event == "exception" and not self.caught and arg[0] is not StopIteration:
            self.caught = [arg[0].__name__, frame.f_lineno]
        if event != "line":
            return self.inside
        self.lines += 1
        self.at = frame.f_lineno
        if self.keep:
            self.moments.append([frame.f_lineno, shown(frame)])
            if len(self.moments) > 2 * self.keep:
                del self.moments[self.keep]
        if self.lines > self.budget:
            raise Spent
        return self.inside


def shown(frame: FrameType) -> dict[str, str]:
    """The plain variables of a frame, in short."""
    return {
        name: SHOWN.repr(value)
        for name, value in list(frame.f_locals.items())[:20]
        if is_plain(value, 3) and not name.startswith("__")
    }


def is_plain(value: object, depth: int) -> bool:
    if type(value) in PLAIN:
        return True
    if depth == 0 or not isinstance(value, (list, tuple, dict, set)):
        return False
    inner = [*value.values(), *value] if isinstance(value, dict) else list(value)
    return all(is_plain(item, depth - 1) for item in inner[:20])


def is_shared(value: object) -> bool:
    """Whether a list holds one and the same list twice."""
    inner = [id(item) for item in value if isinstance(item, list)] if type(value) is list else []
    return len(set(inner)) < len(inner)


def probe(
    sources: list[str], name: str, inputs: list[list[Any]], budget: int, keep: int, depth: int
) -> list[Told]:
    """For each source, for each input, what one call of `name` does. Of several sources, one that
    runs out of lines is not called again. `depth`: calls within calls; 0 for Python's own limit."""
    if depth:
        sys.setrecursionlimit(depth)
    alone = len(sources) == 1
    return [one_source(source, name, inputs, Watch(budget, keep), alone) for source in sources]


def one_source(source: str, name: str, inputs: list[list[Any]], like: Watch, alone: bool) -> Told:
    try:
        code = compile(source, STUDENT, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        return {"broken": [type(error).__name__, str(error), getattr(error, "lineno", 0) or 0]}
    calls: list[Told] = []
    for args in inputs:
        calls.append(call(code, name, args, Watch(like.budget, like.keep)))
        if not alone and "spent" in calls[-1]:
            break
    return {"calls": calls}


def call(code: CodeType, name: str, args: list[Any], watch: Watch) -> Told:
    given = copy.deepcopy(args)
    told: Told = {}
    try:
        value = called(code, name, given, watch) if name else written(code, given[0], watch)
        sys.settrace(None)
        told.update({"value": value} if is_plain(value, 8) else {"odd": type(value).__name__})
        told["shared"], told["caught"] = is_shared(value), watch.caught
    except Spent:
        told["spent"] = True
    except BaseException as error:  # noqa: BLE001 - whatever a submission raises
        sys.settrace(None)
        told["raised"] = [type(error).__name__, str(error)[:200], last_line(error.__traceback__)]
    finally:
        sys.settrace(None)
    pairs = zip(args, given, strict=True)
    told["changed"] = [place for place, (before, after) in enumerate(pairs) if before != after]
    told["lines"], told["deepest"], told["at"] = watch.lines, watch.deepest, watch.at
    if watch.keep:
        told["calls"], told["moments"] = watch.calls, watch.moments
    return told


def called(code: CodeType, name: str, given: list[Any], watch: Watch) -> Any:
    module = ModuleType("solution")
    module.__file__ = STUDENT
    sys.modules["solution"] = module
    exec(code, module.__dict__)  # noqa: S102 - a submission, inside its sandbox
    sys.settrace(watch)
    return resolved(module.__dict__, name)(*given)


def written(code: CodeType, text: str, watch: Watch) -> str:
    """What a program writes to standard output that reads `text`."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(text.encode()[:PIPE])
    os.dup2(reader, 0)
    os.close(reader)
    kept = io.StringIO()
    sys.stdin, sys.stdout = open(0, encoding="utf-8", closefd=False), kept  # noqa: SIM115
    try:
        sys.settrace(watch)
        exec(code, {"__name__": "__main__", "__file__": STUDENT})  # noqa: S102 - as above
    except SystemExit as end:
        if end.code:
            raise
    finally:
        sys.settrace(None)
        sys.stdout = sys.__stdout__
    return "\n".join(line.rstrip() for line in kept.getvalue().rstrip().split("\n"))


def resolved(space: dict[str, Any], name: str) -> Any:
    """`f`, or `Class.method` on a fresh instance."""
    first, _, method = name.partition(".")
    return getattr(space[first](), method) if method else space[first]


def last_line(trace: TracebackType | None) -> int:
    """The last line of the submission that an exception went through."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == STUDENT:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
