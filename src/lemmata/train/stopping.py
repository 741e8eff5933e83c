"""What stops a run leaves it as its newest checkpoint has it, and says how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lemmata.errors import DiskFull, EngineDied, is_disk_full
from lemmata.train import checkpoint, run_dir
from lemmata.train.interrupt import Stopped
from lemmata.train.ready import Run


@contextmanager
def resumable(run: Run) -> Iterator[None]:
    """Ctrl-C as an error that says which run to go on with. Raises Stopped."""
    try:
        yield
    except Stopped:
        raise
    except KeyboardInterrupt as stop:
        raise Stopped(run.folder) from stop


@contextmanager
def measuring(run: Run, step: int) -> Iterator[None]:
    """While nothing is trained: what stops it leaves the run as its newest checkpoint has it."""
    try:
        with no_room(run, step):
            yield
    except EngineDied as error:
        mend = f"Nothing is lost; go on with: lemmata train resume {run.folder}"
        raise EngineDied(error.cause, mend) from error


@contextmanager
def no_room(run: Run, step: int) -> Iterator[None]:
    """A full disk as an error that says what is kept and how to go on. Raises DiskFull."""
    try:
        yield
    except OSError as error:
        if not is_disk_full(error):
            raise
        kept = checkpoint.all_in(run.folder / run_dir.CHECKPOINTS)
        state = f"checkpoint {kept[-1]} is kept" if kept else "there is no checkpoint yet"
        raise DiskFull(
            f"the disk is full at step {step}; {state}",
            f"Free some, then: lemmata train resume {run.folder}",
        ) from error
