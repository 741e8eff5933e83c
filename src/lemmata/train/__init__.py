"""Tuning: a recipe in, a run directory with a canonical adapter out. Needs `lemmata[train]`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemmata.errors import MissingExtra
from lemmata.models.progress import Progress, silent
from lemmata.settings import Settings, share_the_cores
from lemmata.train.run_dir import Watcher, unwatched

if TYPE_CHECKING:
    from lemmata.train.teaching import Taught

__all__ = ["resume", "teach", "train"]


def train(
    recipe: Path | str,
    *,
    settings: Settings | None = None,
    progress: Progress = silent,
    watch: Watcher = unwatched,
    **overrides: Any,
) -> Path:
    """Train by a recipe file, or a shipped one by name, with fields replaced; gives the run's
    folder, whose `final/` is the adapter. Raises the errors of `train.loop.start`, MissingExtra."""
    from lemmata.train.recipe import load

    resolved = load(recipe, overrides)
    run: Path = _loop().start(resolved, settings or _settings(), progress, watch)
    return run


def resume(
    folder: Path | str,
    *,
    settings: Settings | None = None,
    progress: Progress = silent,
    watch: Watcher = unwatched,
) -> Path:
    """Go on with a run from its newest checkpoint, to the same bits on a CPU."""
    run: Path = _loop().resume(Path(folder), settings or _settings(), progress, watch)
    return run


def teach(
    recipe: Path | str,
    out: Path | str,
    *,
    teacher: str | None = None,
    adapter: Path | str | None = None,
    top: int = 32,
    settings: Settings | None = None,
    progress: Progress = silent,
    **overrides: Any,
) -> Taught:
    """Write soft labels for a recipe's rows. Raises the errors of `train.teaching.teach`."""
    from lemmata.train.recipe import load

    resolved = load(recipe, overrides)
    _loop()  # torch, or an error that says which extra lacks
    from lemmata.train.teaching import teach as label

    where = Path(adapter) if adapter is not None else None
    return label(resolved, Path(out), settings or _settings(), teacher, where, top, progress)


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
