"""What a test does with the submission: run it as a program, call a function of it, or examine one
that lives elsewhere.

The result of a call goes to a file that is opened only after the submission's code has ended, and
counts only together with a clean exit.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

from . import primitives
from .program import Places, Program


def run(program: Program, places: Places, order: dict[str, Any], given: bytes, wire: int) -> int:
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
    return finish()


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


def finish() -> int:
    """What the interpreter does at its end: wait for threads, run the exit functions, flush."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return 0
