"""A run's figures as TensorBoard files, beside its events: `tensorboard --logdir RUN`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lemmata.errors import MissingExtra
from lemmata.train.run_dir import Watch

FOLDER = "tensorboard"
_FIGURES = ("loss", "nll", "divergence", "lr", "grad_norm", "tokens_per_s")


def writer(run: Path) -> Watch:
    """Writes each event of the run in `run` as it happens. Raises MissingExtra."""
    try:
        from tensorboardX import SummaryWriter
    except ModuleNotFoundError as error:
        raise MissingExtra("tensorboardX", "train") from error
    files = SummaryWriter(str(run / FOLDER), flush_secs=5)

    def watch(event: Mapping[str, Any]) -> None:
        step = event.get("step")
        if event["event"] == "step":
            for name in _FIGURES:
                with suppress(KeyError):
                    files.add_scalar(name, event[name], step)
            for place, value in enumerate(event.get("step_nll", ()), 1):
                files.add_scalar(f"step_nll/{place}", value, step)
        elif event["event"] == "gate":
            for name, value in event.get("checks", {}).items():
                files.add_scalar(f"gate/{name}", value, step)
        elif event["event"] in {"finished", "stopped"}:
            files.flush()

    return watch
