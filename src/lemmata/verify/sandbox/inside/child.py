"""One test, in a process forked from the runner: take the fds, shut the last doors, run, leave.

Everything here runs in the same process as the submission and is not trusted by anyone outside: it
knows one test's input and no answer.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from typing import Any, NoReturn

from . import fence, modes, primitives
from .modes import finish
from .program import FILES, Places, Program

STACK = 64 << 20
CHUNK = 1 << 20


def settle(places: Places) -> None:
    """What every test needs, done before its order comes and its clock runs."""
    os.chdir(places.scratch)
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    stack = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))


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
        seconds = order["cpu"]
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        given = _take_input(order["mode"], payload, places)
        wire = os.dup2(line[0], 3) if line else 3
        if rules is not None:
            fence.restrict(rules)
        os.closerange(4 if line else 3, FILES)
        if program.compiler:
            os.execv(places.binary, [places.binary, *order["argv"]])  # noqa: S606
        gc.enable()
        code = modes.run(program, places, order, given, wire)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the submission's
        code = _ending(error)
    finally:
        os._exit(code)


def _take_input(mode: str, payload: int, places: Places) -> bytes:
    """Program: the payload becomes stdin. Otherwise it is read, and stdin stays empty."""
    if mode != "program":
        given = read_all(payload)
        if mode == "files":
            for name, content in primitives.loads(given).items():
                with open(f"{places.scratch}/{os.path.basename(name)}", "wb") as file:
                    file.write(content)
        return given
    copy = os.open(places.stdin, os.O_WRONLY)  # /dev/stdin points here: there is no /proc
    size, done = os.fstat(payload).st_size, 0
    while done < size:
        done += os.sendfile(copy, payload, done, size - done)
    os.close(copy)
    os.dup2(payload, 0)
    return b""


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
        finish()
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
