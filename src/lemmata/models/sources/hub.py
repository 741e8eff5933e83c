"""What the two hubs have in common: list, choose, fetch file by file, check, count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lemmata.models import hf_folder
from lemmata.models.hashes import git_blob, sha256
from lemmata.models.landing import need_space
from lemmata.models.progress import Progress
from lemmata.models.sources.fetched import Fetched, wrong_bytes


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file as the hub lists it. Exactly one hash is set: the listing's own promise."""

    path: str
    size: int
    sha256: str | None = None
    git_sha1: str | None = None
    """Hugging Face names small files by their git blob."""

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` is this one, byte for byte."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        if self.sha256 is not None:
            return sha256(path) == self.sha256
        return git_blob(path) == self.git_sha1


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at one revision."""

    revision: str
    files: tuple[RemoteFile, ...]

    def chosen(self) -> list[RemoteFile]:
        """The files that make the model. Raises ModelRefused where they do not."""
        names = set(hf_folder.wanted([file.path for file in self.files]))
        return [file for file in self.files if file.path in names]


Advance = Callable[[int], None]
"""Called with the bytes that have just arrived (negative: thrown away)."""
Download = Callable[[RemoteFile, Path, Advance], None]
"""Bring one file into a folder, resuming; need not check it."""


def fetch(
    listing: Listing, folder: Path, where: str, download: Download, progress: Progress
) -> Fetched:
    """Bring all chosen files into `folder` and check each against the listing.

    Raises ModelRefused where a file's bytes are not the promised ones; it is deleted first.
    """
    files = listing.chosen()
    total = sum(file.size for file in files)
    need_space(folder, total - _present(folder))
    counter = _Counter(f"downloading from {where}", total, progress)
    for file in files:
        target = folder / file.path
        if file.is_at(target):
            counter.advance(file.size)
            continue
        target.unlink(missing_ok=True)
        download(file, folder, counter.advance)
        if not file.is_at(target):
            target.unlink(missing_ok=True)
            raise wrong_bytes(file.path, where)
    return Fetched(listing.revision, {file.path: _stored(file, folder) for file in files})


def _present(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _stored(file: RemoteFile, folder: Path) -> tuple[int, str]:
    return file.size, file.sha256 or sha256(folder / file.path)


class _Counter:
    def __init__(self, stage: str, total: int, progress: Progress) -> None:
        self._stage, self._total, self._progress, self._done = stage, total, progress, 0

    def advance(self, arrived: int) -> None:
        self._done += arrived
        self._progress(self._stage, self._done, self._total)
