"""What a person sees while a run trains: loss, speed, time left, and the loss of each step of the
derivations. On a terminal it is drawn; elsewhere it is a line now and then. All on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lemmata.models.progress import Progress, shown

_SECONDS_BETWEEN_LINES = 10.0
Watch = Callable[[Mapping[str, Any]], None]


@contextmanager
def shown_run(tensorboard: bool) -> Iterator[tuple[Progress, Callable[[Path], Watch]]]:
    """Progress, and what watches a run's events; with `tensorboard` they also become its files."""
    drawn = _drawn() if sys.stderr.isatty() else _lines()
    with drawn as (progress, tell):

        def watcher(run: Path) -> Watch:
            also = _tensorboard(run) if tensorboard else None

            def watch(event: Mapping[str, Any]) -> None:
                if also:
                    also(event)
                tell(event)

            return watch

        yield progress, watcher


def _tensorboard(run: Path) -> Watch:
    from lemmata.train.report_tensorboard import writer

    return writer(run)


def figures(event: Mapping[str, Any]) -> str:
    """One line of a step: loss, speed, the losses by step of the derivation."""
    said = f"loss {event['loss']:.3f}, {event['tokens_per_s']:.0f} tokens/s"
    by_step = " ".join(f"{value:.2f}" for value in event.get("step_nll", ()))
    return f"{said}, by derivation step {by_step}" if by_step else said


@contextmanager
def _drawn() -> Iterator[tuple[Progress, Watch]]:
    """Bars with the time left, and beside them the newest figures."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(),
               TimeRemainingColumn(), TextColumn("{task.fields[figures]}"))  # fmt: skip
    tasks: dict[str, Any] = {}
    with Bars(*columns, console=Console(stderr=True)) as bars:

        def progress(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, figures="")
            bars.update(tasks[stage], completed=done, total=total)

        def watch(event: Mapping[str, Any]) -> None:
            if event["event"] == "step":
                training = [task for stage, task in tasks.items() if stage.startswith("train")]
                if training:
                    bars.update(training[-1], figures=figures(event))
            elif event["event"] == "gate":
                bars.console.print(gate_line(event), markup=False, highlight=False)

        yield progress, watch


@contextmanager
def _lines() -> Iterator[tuple[Progress, Watch]]:
    told = -_SECONDS_BETWEEN_LINES
    began: tuple[float, int] | None = None
    steps = 0

    def watch(event: Mapping[str, Any]) -> None:
        nonlocal told, began, steps
        now = time.monotonic()
        if event["event"] in {"started", "resumed"}:
            steps, began = event["steps"], (now, event["step"])
        elif event["event"] == "gate":
            print(gate_line(event), file=sys.stderr)
        elif event["event"] == "step" and now - told >= _SECONDS_BETWEEN_LINES and began:
            told = now
            done = event["step"] - began[1]
            left = (now - began[0]) / done * max(0, steps - event["step"])
            print(f"step {event['step']}/{steps}: {figures(event)}, about {left:.0f} s left",
                  file=sys.stderr)  # fmt: skip

    with shown() as progress:
        yield progress, watch


def gate_line(event: Mapping[str, Any]) -> str:
    """One line of a gate, "" where nothing was asked."""
    if not event.get("checks"):
        return f"stage {event['stage']}: done"
    said = ", ".join(f"{name} {value:+.3f}" for name, value in event["checks"].items())
    verdict = "passed" if event["passed"] else "failed, rolled back"
    return f"gate of {event['stage']}, try {event['attempt']}: {verdict} ({said})"
