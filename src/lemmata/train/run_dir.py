"""A run's folder: what was asked, what it ran on, what happened.

recipe.yaml       the resolved recipe
environment.json  versions, threads, device, base and template hashes
data.json         sources, hashes, counts
events.jsonl      one line a step, checkpoint, stop
checkpoints/N/    (`checkpoint`)
stages/NN/        (`stages`): gate.json and the adapter that passed
dial.json, round_trip.json   what the strength dial and the serve round trip found
report.html       all of it for a person (`report`)
final/            the canonical adapter
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from lemmata.errors import BadInput
from lemmata.train.recipe import Recipe, as_fields, from_fields

RECIPE, ENVIRONMENT, DATA, EVENTS = "recipe.yaml", "environment.json", "data.json", "events.jsonl"
CHECKPOINTS, FINAL, REPORT = "checkpoints", "final", "report.html"
_PACKAGES = ("accelerate", "lemmata", "numpy", "peft", "safetensors", "tokenizers", "torch",
             "transformers")  # fmt: skip


Watch = Callable[[Mapping[str, Any]], None]
"""Called with every event of a run as it is logged."""
Watcher = Callable[[Path], Watch | None]
"""Gives what watches the run in a folder."""


def unwatched(run: Path) -> Watch | None:
    """Nobody watches."""
    del run
    return None


def create(root: Path, name: str) -> Path:
    """A new folder NAME-YYYYmmdd-HHMMSS under `root`, with a number where that exists."""
    root.mkdir(parents=True, exist_ok=True)
    stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in range(1, 1000):
        folder = root / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise BadInput(f"{root} is full of runs named {stem}", "Remove some.")


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """While entered no other process trains in this folder. Raises BadInput where one does."""
    try:
        with FileLock(run / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise BadInput(
            f"another process is at work on {run}", "Wait for it, or stop it with Ctrl-C."
        ) from error


def write_recipe(run: Path, recipe: Recipe) -> None:
    text = yaml.safe_dump(as_fields(recipe), sort_keys=False, allow_unicode=True)
    write_whole(run / RECIPE, text)


def read_recipe(run: Path) -> Recipe:
    """The recipe of a run. Raises BadInput where the folder is no run."""
    path = run / RECIPE
    if not path.is_file():
        raise BadInput(
            f"{run} is no run of `lemmata train`", "Name a folder under LEMMATA_HOME/runs."
        )
    return from_fields(yaml.safe_load(path.read_text("utf-8")))


def environment(threads: int, device: str) -> dict[str, Any]:
    """What a repetition of the run would need; the lock of the run."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": platform.processor() or platform.machine(),
        "threads": threads,
        "device": device,
        "packages": {name: _version(name) for name in _PACKAGES},
        "command": sys.argv,
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Replace a file at once: a reader sees the old text or the new."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The same for bytes."""
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


class Events:
    """The log of a run, a JSON object a line, flushed line by line; followed live by others, and
    by `watch`, which is called with each."""

    def __init__(self, run: Path, since_step: int = 0, watch: Watch | None = None) -> None:
        self._path = run / EVENTS
        self._watch = watch
        self._forget_after(since_step)
        self._file = self._path.open("a", encoding="utf-8")

    def _forget_after(self, step: int) -> None:
        """Drop what happened after the checkpoint that the run goes on from."""
        if self._path.exists():
            kept = [line for line in whole_lines(self._path) if line.get("step", 0) <= step]
            write_whole(self._path, "".join(json.dumps(line) + "\n" for line in kept))

    def write(self, kind: str, **fields: Any) -> None:
        event = {"event": kind, "time": time.time(), **fields}
        self._file.write(json.dumps(event) + "\n")
        self._file.flush()
        if self._watch:
            self._watch(event)

    def close(self) -> None:
        self._file.close()


def is_finished(run: Path) -> bool:
    """Whether its adapter has landed and nothing is left to do."""
    path = run / EVENTS
    events = whole_lines(path) if path.is_file() else []
    return (run / FINAL).is_dir() and bool(events) and events[-1]["event"] == "finished"


def whole_lines(path: Path) -> list[dict[str, Any]]:
    """The events of a log whose last line may have been cut by a kill."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found
