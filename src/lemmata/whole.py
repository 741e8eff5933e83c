"""Files that are there whole or not at all, also after a cut in the power.

What is written lies beside its place until it is on the disk; then it takes the place in one step.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def beside(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """A file to write, beside `path` and with its ending. At the end of the block it is flushed,
    gets `mode`, and takes the place of `path`; after an error it is removed, and what stood there
    stays. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    new = Path(name)
    try:
        yield new
        flush(new)
        new.chmod(mode)
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Replace a file, or make it: a reader sees the old content or the new. Text goes as UTF-8."""
    with beside(path, mode) as new:
        new.write_bytes(content.encode() if isinstance(content, str) else content)


def flush(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
