"""The submission as the runner holds it, and the places where its files lie."""

from __future__ import annotations

import os
from types import CodeType
from typing import NamedTuple, NoReturn

FILES = 64


class Places(NamedTuple):
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
    """In a process of its own: become the compiler."""
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
