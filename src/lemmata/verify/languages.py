"""The languages of submissions: Python, and C++ where a compiler is at hand."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Literal

from lemmata.errors import BadInput, EnvironmentMissing
from lemmata.verify.sandbox.box import Source

Language = Literal["python", "cpp"]
CPP_COMPILERS = ("g++", "clang++", "c++")
CPP_FLAGS = ("-std=c++17", "-O2", "-pipe", "-w")
SOURCE, BINARY = "{box}/solution.cpp", "{box}/solution"
"""The runner knows where its box is."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One language: how its text becomes something to run."""

    suffix: str
    compiler: tuple[str, ...] = ()

    @property
    def compiled(self) -> bool:
        return bool(self.compiler)

    def source(self, program: str) -> Source:
        return Source(program.encode("utf-8", "surrogatepass"), self.suffix, self.compiler)


def language_of(name: str) -> Spoken:
    """Raises BadInput for a language we do not judge, EnvironmentMissing without its compiler."""
    if name == "python":
        return Spoken(".py")
    if name == "cpp":
        return Spoken(".cpp", (cpp_compiler(), *CPP_FLAGS, "-o", BINARY, SOURCE))
    raise BadInput(f"no judge for the language {name!r}", "Use python or cpp.")


def cpp_compiler() -> str:
    """The C++ compiler below /usr, the only tree of programs that a sandbox shows."""
    found = [
        path
        for name in CPP_COMPILERS
        if (path := shutil.which(name, path="/usr/bin:/usr/local/bin"))
    ]
    for path in found:
        if os.path.realpath(path).startswith("/usr/"):
            return path
    raise EnvironmentMissing("no C++ compiler in /usr/bin", "Install one: apt install g++")
