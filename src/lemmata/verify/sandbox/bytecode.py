"""The modules that run inside, compiled once: a sandbox that compiled them itself at each start
would spend a third of its start on that."""

from __future__ import annotations

import os
import py_compile
import tempfile
from pathlib import Path

from lemmata.verify.sandbox.box import sealed

PLACE = "/lemmata/inside"


class Bytecode:
    """Compiled modules in sealed, unnamed files, read by every sandbox of one rung."""

    def __init__(self, sources: Path) -> None:
        self.files = {path.stem: sealed(compiled(path)) for path in sorted(sources.glob("*.py"))}

    def opened(self) -> dict[str, int]:
        """Place inside → a descriptor with an offset of its own, which the caller closes."""
        return {
            f"{PLACE}/{name}.pyc": os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)
            for name, fd in self.files.items()
        }

    def close(self) -> None:
        for fd in self.files.values():
            os.close(fd)


def compiled(source: Path) -> bytes:
    """The .pyc of a module as it will lie inside, for the interpreter that runs this."""
    with tempfile.TemporaryDirectory() as folder:
        target = f"{folder}/{source.stem}.pyc"
        py_compile.compile(
            str(source), target, f"{PLACE}/{source.name}", doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )  # fmt: skip
        return Path(target).read_bytes()
