"""One test, in a process forked from the runner: take the fds, shut the last doors, run, leave.

Everything here runs in the same process as the submission and is not trusted by anyone outside: it
knows one test's input and no answer. The result of a call goes to a file that is opened only after
the submission's code has ended, and counts only together with a clean exit.
"""

from __future__ import annotations

import atexit
import gc
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any, NoReturn

from . import fence, primitives

STACK = 64 << 20
FILES = 64
CHUNK = 1 << 20


@dataclass(frozen=True)
class Places:
    """Where things lie: `scratch` is the test's to fill if `room` is "roomy", in `channel` it may
    only overwrite the two files that wait there, `box` is the runner's."""

    scratch: str
    channel: str
    box: str
    room: str

    @property
    def roomy(self) -> bool:
        return self.room == "roomy"

    def source(self, suffix: str) -> str:
        return f"{self.box}/solution{suffix}"

    @property
    def binary(self) -> str:
        return f"{self.box}/solution"

    @property
    def log(self) -> str:
        return f"{self.box}/compiler.log"

    @property
    def stdin(self) -> str:
        return f"{self.channel}/stdin"

    @property
    def result(self) -> str:
        return f"{self.channel}/result"


class Program:
    """The submission: a code object, or a binary that `compiler` (its argument list) makes."""

    def __init__(self, suffix: str, compiler: list[str]) -> None:
        self.suffix = suffix
        self.compiler = compiler
        self.code: CodeType | None = None

    def compile(self, source: bytes, places: Places) -> str:
        """Compile Python without running any of it; the complaint, or nothing."""
        try:
            self.code = compile(source, places.source(self.suffix), "exec", dont_inherit=True)
        except SyntaxError as error:
            return f"line {error.lineno}: {error.msg}"
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            return f"{type(error).__name__}: {error}"
        return ""


def compile_and_exit(program: Program, places: Places) -> NoReturn:
    try:
        log = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(3, FILES)
        os.chdir(places.scratch)
        words = [word.format(box=places.box) for word in program.compiler]
        os.execv(words[0], words)  # noqa: S606 - there is no shell
    finally:
        os._exit(127)


def run_and_exit(
    program: Program, places: Places, order: dict[str, Any], files: list[int], rules: int | None
) -> NoReturn:
    """Run one test. `files` are its payload, stdout, stderr and, in `check` mode, the line to the
    candidate. Never returns."""
    code = 1
    try:
        payload, out, err, *line = files
        os.dup2(out, 1)
        os.dup2(err, 2)
        _limit(order)
        os.chdir(places.scratch)
        given = _take_input(order["mode"], payload, places)
        wire = os.dup2(line[0], 3) if line else 3
        if rules is not None:
            fence.restrict(rules)
        os.closerange(4 if line else 3, FILES)
        if program.compiler:
            os.execv(places.binary, [places.binary, *order["argv"]])  # noqa: S606
        gc.enable()
        code = _run(program, places, order, given, wire)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the submission's
        code = _ending(error)
    finally:
        os._exit(code)


def _limit(order: dict[str, Any]) -> None:
    seconds = order["cpu"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    stack = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))


def _take_input(mode: str, payload: int, places: Places) -> bytes:
    """Program: the payload becomes stdin. Otherwise it is read, and stdin stays empty."""
    if mode != "program":
        given = read_all(payload)
        if mode == "files":
            for name, content in primitives.loads(given).items():
                with open(f"{places.scratch}/{os.path.basename(name)}", "wb") as file:
                    file.write(content)
        return given
    with open(places.stdin, "wb") as copy:  # /dev/stdin points here: there is no /proc
        copy.write(read_all(payload))
    os.lseek(payload, 0, os.SEEK_SET)
    os.dup2(payload, 0)
    return b""


def _run(program: Program, places: Places, order: dict[str, Any], given: bytes, wire: int) -> int:
    assert program.code is not None
    mode = order["mode"]
    if mode == "check":
        return _check(program.code, places, primitives.loads(given), wire)
    sys.argv = [places.source(program.suffix), *order["argv"]]
    module = _module("solution" if mode == "call" else "__main__", places.source(program.suffix))
    exec(program.code, module.__dict__)  # noqa: S102 - this is what the sandbox is for
    if mode == "call":
        call = primitives.loads(given)
        value = _function(module, call["function"])(*call["args"], **call["kwargs"])
        _deliver(places, value)
        return 0  # the result is out: nothing after the call matters
    return _finish()


def _module(name: str, path: str) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module
    return module


def _function(module: ModuleType, name: str) -> Callable[..., object]:
    """`f`, or `Class.method` on a fresh instance."""
    first, _, method = name.partition(".")
    found = getattr(module, first)
    return getattr(found(), method) if method else found  # type: ignore[no-any-return]


def _deliver(places: Places, value: object) -> None:
    try:
        text = b"=" + primitives.dumps(value)
    except primitives.NotPrimitive as error:
        text = b"!" + str(error).encode()
    fd = os.open(places.result, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(fd, "wb") as file:
        file.write(text)


def _check(code: CodeType, places: Places, given: dict[str, Any], wire: int) -> int:
    """Run test code whose `candidate` lives in another sandbox, at the far end of `wire`."""
    with os.fdopen(wire, "r+b", buffering=0) as line:

        def candidate(*args: object, **kwargs: object) -> object:
            call = {"function": given["function"], "args": args, "kwargs": kwargs}
            text = primitives.dumps(call)
            line.write(len(text).to_bytes(4, "big") + text)
            size = int.from_bytes(_exactly(line, 4), "big")
            return primitives.loads(_exactly(line, size))

        module = _module("__main__", places.source(".py"))
        module.__dict__["candidate"] = candidate
        try:
            exec(code, module.__dict__)  # noqa: S102 - this is what the sandbox is for
            module.__dict__[given["function"]] = candidate
            exec(compile(given["code"], "tests.py", "exec"), module.__dict__)  # noqa: S102
            if callable(check := module.__dict__.get("check")):
                check(candidate)
        except Exception as error:  # noqa: BLE001 - the parent judges by its name
            _deliver(places, (type(error).__name__, str(error)[:1000]))
        else:
            _deliver(places, None)
    return 0


def _exactly(line: Any, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = line.read(size - len(data))
        if not piece:
            os._exit(1)  # the candidate failed: the parent has the verdict already
        data += piece
    return data


def _finish() -> int:
    """What the interpreter does at its end: wait for threads, run the exit functions, flush."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return 0


def _ending(error: BaseException) -> int:
    """The exit status that the interpreter would give for `error`, and its traceback on stderr."""
    status = 1
    try:
        if isinstance(error, SystemExit):
            status = _exit_status(error.code)
        else:
            trace = error.__traceback__
            for _ in range(2):  # leave out the frames of this file
                trace = trace.tb_next if trace is not None and trace.tb_next else trace
            sys.excepthook(type(error), error.with_traceback(trace), trace)
        _finish()
    except BaseException:  # noqa: BLE001 - hooks and streams belong to the submission
        return status or 1
    return status


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201
    return 1


def read_all(fd: int) -> bytes:
    pieces = []
    while piece := os.read(fd, CHUNK):
        pieces.append(piece)
    return b"".join(pieces)
