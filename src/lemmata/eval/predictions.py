"""What was written, kept as it comes: a line of `predictions.jsonl` an attempt, and a cache of all
exact ones over all runs.

A line is whole or absent: a process that is killed in the middle of one leaves a torn end, which
the next run cuts off.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import BadData, DiskFull, is_disk_full
from lemmata.types import FinishReason

_SYNC_EVERY_S = 2.0
"""A power cut loses at most so many seconds; a killed process loses nothing."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One attempt at one item. `cost_s` is its part of the wall clock: every moment is shared
    equally by the attempts in flight, so that the costs of a run add up to its time."""

    key: str
    cell: str
    item: str
    attempt: int
    text: str
    finish_reason: FinishReason
    ended_by: str
    prompt_tokens: int
    tokens: int
    seconds: float
    cost_s: float
    refused: str = ""
    """Why the engine would not take it: it counts as wrong."""

    @property
    def slot(self) -> str:
        """Its place in the run: two cells may well have one answer in common."""
        return slot(self.cell, self.item, self.attempt)


def slot(cell: str, item: str, attempt: int) -> str:
    return f"{cell} | {item} | {attempt}"


def from_row(row: Mapping[str, Any]) -> Prediction:
    return Prediction(**row)


class Book:
    """The predictions of one run folder, appended to. Raises DiskFull, BadData."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = {row.slot: row for row in _read(path)}
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._synced = time.monotonic()

    def add(self, prediction: Prediction) -> None:
        line = json.dumps(asdict(prediction), ensure_ascii=False) + "\n"
        try:
            _write(self._file, line.encode("utf-8", "replace"))
            if time.monotonic() - self._synced > _SYNC_EVERY_S:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            raise full(error, self._path) from error
        self.rows[prediction.slot] = prediction

    def close(self) -> None:
        os.close(self._file)


def full(error: OSError, path: Path) -> OSError | DiskFull:
    """What a failed write means for a person; anything but a full disk stays what it is."""
    if is_disk_full(error):
        return DiskFull(
            f"no space is left on the disk of {path.parent}",
            "Free some and give the same command again: what is done is kept.",
        )
    return error


def _write(file: int, data: bytes) -> None:
    """A write to a disk that is filling may take only a part."""
    while data:
        data = data[os.write(file, data) :]


def _read(path: Path) -> list[Prediction]:
    """The whole lines; a torn last one is cut off."""
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
    return list(read_lines(path, data[:whole]))


def read_lines(path: Path, data: bytes) -> list[Prediction]:
    """Raises BadData, with the line, for one that is no prediction."""
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            found.append(from_row(json.loads(line.decode("utf-8", "replace"))))
        except (ValueError, TypeError) as error:
            raise BadData(
                f"{path}:{number} is not a prediction ({error})", "Remove that line and run again."
            ) from error
    return found


class Cache:
    """Exact predictions of all runs on this machine, in one SQLite file. Raises DiskFull, and
    BadData for a file that is damaged or cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._clear():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Several runs write to it: each waits its turn.
            self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS predictions (key TEXT PRIMARY KEY, row TEXT)"
            )

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """What goes wrong, told so that a person can mend it."""
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise DiskFull(
                    f"no space is left on the disk of {self._path.parent}",
                    "Free some and run again.",
                ) from error
            raise BadData(
                f"the cache of predictions {self._path} cannot be used ({error})",
                "Delete it, or run with --no-cache.",
            ) from error

    def get(self, key: str) -> dict[str, Any] | None:
        asked = "SELECT row FROM predictions WHERE key = ?"
        with self._clear():
            found = self._database.execute(asked, (key,)).fetchone()
        return dict(json.loads(found[0])) if found else None

    def put(self, prediction: Prediction) -> None:
        row = json.dumps(asdict(prediction))
        with self._clear():
            self._database.execute(
                "INSERT OR REPLACE INTO predictions VALUES (?, ?)", (prediction.key, row)
            )

    def close(self) -> None:
        self._database.close()
