"""Where rows come from: files of every known shape, the Hugging Face hub, and the task families.

    data.jsonl  rows.csv  x.parquet     a file: container, encoding and format are guessed and told
    hf:ORG/NAME[@REVISION][:PATTERN]    a data set of the hub: its training files, or those named
    task:NAME[:COUNT]                   COUNT problems of a family (`lemmata data tasks` lists them)

A source yields `Sample`s; rows that cannot be read or converted are counted in the tally, with the
line they stand on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from lemmata.data import containers, formats, hub, test_sets
from lemmata.data.row import OTHER_SPLIT, Raw, RowRefused, Sample
from lemmata.data.tally import Tally
from lemmata.data.test_sets import Fingerprint
from lemmata.errors import BadData
from lemmata.models.progress import Progress
from lemmata.settings import Settings

_GUESSED_FROM = 200
_HUB = re.compile(r"hf:(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^:]+))?(?::(?P<files>.+))?")


_HELD = re.compile(r"(test|val|valid|validation|dev|eval)(_?(set|data|split))?", re.IGNORECASE)
"""Keys of a JSON document whose rows are not there to be trained on."""


class Source(Protocol):
    """Something that yields samples; `about` says, for the manifest, what it is."""

    @property
    def name(self) -> str: ...

    def samples(self, tally: Tally) -> Iterator[Sample]: ...

    def about(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A data file whose shape has been guessed."""

    path: Path
    container: str
    encoding: str
    form: formats.Format
    name: str

    def samples(self, tally: Tally) -> Iterator[Sample]:
        for raw in containers.READERS[self.container](self.path, self.encoding):
            tally.rows += 1
            if _HELD.fullmatch(raw.part):
                tally.drop(f"{raw.source}:{raw.line}", OTHER_SPLIT, f"under {raw.part!r}")
                continue
            try:
                samples = formats.convert(self.form, raw)
            except RowRefused as refused:
                tally.drop(f"{raw.source}:{raw.line}", refused.reason, refused.detail)
                continue
            tally.examples += len(samples)
            yield from samples

    def guessed(self) -> str:
        """One line for a person."""
        return f"{self.name}: {self.container} ({self.encoding}), format {self.form.name}"

    def about(self) -> dict[str, Any]:
        return {
            "source": self.name,
            "sha256": sha256(self.path),
            "container": self.container,
            "encoding": self.encoding,
            "format": self.form.name,
        }


def open_file(path: Path, name: str | None = None) -> FileSource:
    """Guess a file's shape. Raises BadData where there is no file, no rows or no known format."""
    if path.is_dir():
        raise BadData(f"{path} is a folder", "Name the files in it.")
    if not path.exists():
        raise BadData(f"there is no file {path}", "Check the name; data sets of the hub are hf:….")
    container, encoding = containers.detect(path)
    rows = list(islice(containers.READERS[container](path, encoding), _GUESSED_FROM))
    if all(row.fault for row in rows):
        raise BadData(f"{path} has no readable row ({_first_fault(rows)})", "Check the file.")
    return FileSource(path, container, encoding, formats.guess(rows), name or path.name)


def test_set(path: Path) -> Fingerprint:
    """The fingerprint of a file of test problems; solutions are not needed. Raises BadData."""
    if not path.is_file():
        raise BadData(f"there is no file {path}", "Check the name given to --test.")
    container, encoding = containers.detect(path)
    rows = containers.READERS[container](path, encoding)
    return test_sets.of_raw(path.name, (row.fields for row in rows if not row.fault))


def _first_fault(rows: Sequence[Raw]) -> str:
    return f"row {rows[0].line}: {rows[0].fault}" if rows else "it holds no rows"


def open_sources(
    spec: str, settings: Settings, progress: Progress, seed: int, languages: Sequence[str]
) -> list[Source]:
    """The sources that one argument names; `languages` matters to task families only.

    Raises BadData, and NoNetwork for the hub.
    """
    if spec.startswith("task:"):
        from lemmata.data.tasks import TaskSource

        return [*TaskSource.open(spec, seed, languages)]
    found = _HUB.fullmatch(spec)
    if found is None:
        return [open_file(Path(spec).expanduser())]
    fetched = hub.fetch(
        found["repository"], found["revision"] or "main", found["files"], settings, progress
    )
    return [open_file(path, f"hf:{found['repository']}/{name}") for name, path in fetched]


def sha256(path: Path) -> str:
    """Hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
