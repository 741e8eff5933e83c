"""How a folder comes into the store: staged, completed, renamed; never seen half done.

models/NAME/ARTEFACT/      complete: files and model.json
models/.partial/…          staging, kept after an interruption so that the next pull resumes
models/.locks/NAME.lock    one process at a time works on a model
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lemmata import whole
from lemmata.errors import DiskFull, is_disk_full
from lemmata.models import manifest
from lemmata.models.manifest import Manifest
from lemmata.models.progress import Progress

_PATIENCE = 2.0


@contextmanager
def locked(models: Path, name: str, progress: Progress) -> Iterator[None]:
    """Hold the model's lock; waits, saying so, while another process has it."""
    lock = FileLock(_made(models / ".locks") / f"{name}.lock")
    waited = 0
    while True:
        try:
            lock.acquire(timeout=_PATIENCE)
            break
        except Timeout:
            waited += 1
            progress(f"waiting: another process is at work on {name}", waited, None)
    try:
        yield
    finally:
        lock.release()


def staging(models: Path, *parts: str) -> Path:
    """The staging folder of one artefact from one source; what an earlier try left is in it."""
    safe = "--".join(part.replace("/", "_").replace(":", "_") for part in parts)
    return _made(models / ".partial" / safe)


def empty(staged: Path) -> bool:
    """Whether nothing has arrived in a staging folder; also where it has gone."""
    return not any(path.is_file() for path in staged.rglob("*"))


def land(models: Path, staged: Path, stored: Manifest, artefact: str) -> Path:
    """Complete `staged` with its manifest and move it into place, replacing what stood there."""
    _made(models / stored.name)
    for path in staged.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in stored.files:
            path.unlink()
        else:
            whole.flush(path)
    manifest.write(stored, staged)
    target = models / stored.name / artefact
    if target.exists():
        discard(models, target)
    staged.rename(target)
    whole.flush(target.parent)
    return target


def discard(models: Path, folder: Path) -> int:
    """Remove a folder so that no moment shows it half removed; gives the bytes freed."""
    freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    doomed = (
        _made(models / ".partial") / f"removed-{os.getpid()}-{folder.parent.name}-{folder.name}"
    )
    folder.rename(doomed)
    for left in doomed.parent.glob("removed-*"):  # ours, and what a killed process left
        shutil.rmtree(left, ignore_errors=True)
    return freed


def need_space(folder: Path, size: int) -> None:
    """Raises DiskFull where `size` more bytes would not fit beside `folder`."""
    free = _free(folder)
    if size > free:
        raise _full(folder, f"{size / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free")


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@contextmanager
def space(models: Path) -> Iterator[None]:
    """Turn a disk that fills up during the work into DiskFull."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise _full(models, "no space is left") from error
        raise


def _full(models: Path, how: str) -> DiskFull:
    return DiskFull(f"the disk of {models} is full: {how}", "Free some, or set LEMMATA_HOME.")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
