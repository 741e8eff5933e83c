"""What is kept of a solve on disk, so that a stop or a crash loses nothing: one JSON file a solve.

It is written beside its place, flushed and renamed, after every finished candidate, every few
seconds of writing, and when the solve is left. Nothing in it is executed or believed: what comes
back is checked again.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from lemmata import whole
from lemmata.engines.base import Sampling
from lemmata.errors import BadInput, DiskFull, is_disk_full
from lemmata.solve.events import Candidate
from lemmata.solve.options import Options
from lemmata.solve.options import read as read_options
from lemmata.solve.question import Begun
from lemmata.types import Problem

FORMAT = 1
KEPT = 200
"""Journals of a folder; the oldest go."""
LARGEST = 64 << 20
EVERY_S = 5.0
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a solve was asked with, beside its engine; `model` says which that was."""

    problem: Problem
    adapter: str | None = None
    role: str | None = None
    votes: int = 1
    sampling: Sampling | None = None
    how: Options = field(default_factory=Options)
    model: str = ""


class Journal:
    """The state of one solve. `parts[i]` is what was begun of question i, `plan` the stem and the
    questions where there are several, `solution` the end of it, as JSON."""

    def __init__(self, path: Path, asked: Asked) -> None:
        self.path, self.asked = path, asked
        self.parts: dict[int, Begun] = {}
        self.plan: list[str] | None = None
        self.solution: dict[str, Any] | None = None
        self._written = 0.0

    @property
    def id(self) -> str:
        return self.path.stem

    @classmethod
    def create(cls, folder: Path, asked: Asked) -> Journal:
        """A new one in `folder`; it is on disk when this returns."""
        folder.mkdir(parents=True, exist_ok=True)
        journal = cls(folder / f"{os.urandom(6).hex()}.json", asked)
        journal.save()
        for old in sorted(folder.glob("*.json"), key=_age)[:-KEPT]:
            old.unlink(missing_ok=True)
        return journal

    @classmethod
    def open(cls, folder: Path, name: str) -> Journal:
        """The one of that id. Raises BadInput where there is none, or one that cannot be read."""
        path = folder / f"{name}.json"
        if not _ID.fullmatch(name) or not path.is_file():
            raise BadInput(f"there is no solve {name!r} to resume", "`lemmata solve` tells the id.")
        try:
            if path.stat().st_size > LARGEST:
                raise ValueError("it is too large")
            values = json.loads(path.read_bytes())
            if values["format"] != FORMAT:
                raise ValueError("it is of another version")
            return cls._read(path, values)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput(f"{path} cannot be read: {error}", "Ask the problem again.") from error

    @classmethod
    def _read(cls, path: Path, values: Mapping[str, Any]) -> Journal:
        asked = dict(values["asked"])
        asked["problem"] = Problem(**asked["problem"])
        asked["how"] = read_options(asked["how"])
        if asked["sampling"] is not None:
            stop = tuple(asked["sampling"].pop("stop"))
            asked["sampling"] = Sampling(**asked["sampling"], stop=stop)
        journal = cls(path, Asked(**asked))
        journal.parts = {int(at): _begun(part) for at, part in values["parts"].items()}
        journal.plan, journal.solution = values["plan"], values["solution"]
        return journal

    @property
    def due(self) -> bool:
        """Whether the last writing is a while ago."""
        return time.monotonic() - self._written > EVERY_S

    def note(self, part: int, begun: Begun) -> None:
        """Write down how far question `part` is."""
        self.parts[part] = begun
        self.save()

    def forget_if_unbegun(self) -> None:
        """Take it off the disk where nothing was derived: there is nothing to go on with."""
        if not any(part.done or part.partial for part in self.parts.values()):
            self.path.unlink(missing_ok=True)

    def save(self) -> None:
        """Write it, atomically."""
        document = {
            "format": FORMAT,
            "asked": asdict(self.asked),
            "plan": self.plan,
            "parts": {str(at): _plain(begun) for at, begun in self.parts.items()},
            "solution": self.solution,
        }
        try:
            whole.write(self.path, json.dumps(document, ensure_ascii=False), mode=0o600)
        except OSError as error:
            if is_disk_full(error):
                raise DiskFull(f"no space left for {self.path}", "Free some space.") from error
            raise
        self._written = time.monotonic()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _plain(begun: Begun) -> dict[str, Any]:
    return {
        "done": [asdict(candidate) for candidate in begun.done],
        "partial": {str(at): list(value) for at, value in begun.partial.items()},
    }


def _begun(values: Mapping[str, Any]) -> Begun:
    known = {item.name for item in fields(Candidate)}
    done = tuple(
        Candidate(**{key: value for key, value in row.items() if key in known})
        for row in values["done"]
    )
    partial = {
        int(at): (str(text), int(tokens)) for at, (text, tokens) in values["partial"].items()
    }
    if len({candidate.sample for candidate in done} | set(partial)) < len(done) + len(partial):
        raise ValueError("a sample is there twice")
    return Begun(done, partial)
