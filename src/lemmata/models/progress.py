"""Progress of long work on stderr: drawn on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, how much is done, and of how much (None: unknown). Bytes or items."""

_SECONDS_BETWEEN_LINES = 10.0


def silent(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""
    del stage, done, total


@contextmanager
def shown() -> Iterator[Progress]:
    """Show progress on stderr until the end of the block."""
    if sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}"))
    tasks: dict[str, int] = {}
    with Bars(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bars:

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, amount="")
            amount = _amount(done, total)
            bars.update(tasks[stage], completed=done, total=total, amount=amount)  # type: ignore[arg-type]

        yield report


def _lines() -> Progress:
    last: dict[str, float] = {}

    def report(stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        finished = total is not None and done >= total
        if finished or now - last.get(stage, -_SECONDS_BETWEEN_LINES) >= _SECONDS_BETWEEN_LINES:
            last[stage] = now
            sys.stderr.write(f"{stage}: {_amount(done, total)}".rstrip(": ") + "\n")

    return report


_MIB = 1 << 20


def _amount(done: int, total: int | None) -> str:
    """Counts as they are, bytes (anything large) in MiB; nothing for what is only said."""
    if total is None and not done:
        return ""
    if max(done, total or 0) < _MIB:
        return f"{done}/{total}" if total is not None else str(done)
    part = f"{done / _MIB:.0f}"
    return f"{part}/{total / _MIB:.0f} MiB" if total is not None else f"{part} MiB"
