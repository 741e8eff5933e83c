"""How prepared files come into their folder: made beside it, flushed, renamed, manifest last.

A manifest in the folder means that everything it names is complete; its hashes prove it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lemmata import whole
from lemmata.errors import BadData

MANIFEST = "manifest.json"
_STAGING = ".partial"


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to write into; what is in it at the end of the block lands in `out` as a whole.

    Raises BadData where another process is at work there or `out` is a file.
    """
    if out.exists() and not out.is_dir():
        raise BadData(f"{out} is a file", "Name a folder.")
    out.mkdir(parents=True, exist_ok=True)
    staging = out / _STAGING
    try:
        with FileLock(out / ".lock", timeout=0):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir()
            try:
                yield staging
                _land(staging, out)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except Timeout as error:
        raise BadData(f"another process prepares data in {out}", "Wait for it.") from error


def _land(staging: Path, out: Path) -> None:
    files = sorted(staging.iterdir(), key=lambda path: path.name == MANIFEST)
    for path in files:
        whole.flush(path)
    # From here to the last rename there is no manifest: a cut leaves no false promise.
    (out / MANIFEST).unlink(missing_ok=True)
    for stale in ("train.jsonl", "heldout.jsonl", "order.json", "dropped.jsonl"):
        if not (staging / stale).exists():
            (out / stale).unlink(missing_ok=True)
    for path in files:
        path.rename(out / path.name)
    whole.flush(out)
