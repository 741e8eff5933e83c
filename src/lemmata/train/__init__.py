"""Tuning: a recipe in, a run directory with a canonical adapter out. Needs `lemmata[train]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lemmata.errors import MissingExtra
from lemmata.models.progress import Progress, silent
from lemmata.settings import Settings, share_the_cores

__all__ = ["resume", "train"]


def train(
    recipe: Path | str,
    *,
    settings: Settings | None = None,
    progress: Progress = silent,
    **overrides: Any,
) -> Path:
    """Train by a recipe file, or a shipped one by name, with fields replaced; gives the run's
    folder, whose `final/` is the adapter. Raises the errors of `train.loop.start`, MissingExtra."""
    from lemmata.train.recipe import load

    resolved = load(recipe, overrides)
    run: Path = _loop().start(resolved, settings or _settings(), progress)
    return run


def resume(
    folder: Path | str, *, settings: Settings | None = None, progress: Progress = silent
) -> Path:
    """Go on with a run from its newest checkpoint, to the same bits on a CPU."""
    run: Path = _loop().resume(Path(folder), settings or _settings(), progress)
    return run


def _settings() -> Settings:
    from lemmata import settings

    return settings.load()


def _loop() -> Any:
    share_the_cores()
    try:
        from lemmata.train import loop
    except ModuleNotFoundError as error:
        if error.name in {"torch", "transformers", "peft"}:
            raise MissingExtra(error.name, "train") from error
        raise
    return loop
