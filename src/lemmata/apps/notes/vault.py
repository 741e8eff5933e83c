"""A folder of Markdown notes. Nothing outside it is read or written, whatever links lead there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lemmata import whole
from lemmata.errors import BadInput, DiskFull, is_disk_full

NOTEBOOK = "Lemmata/Errors"
"""Where the error notebook is: notes of ours, which are no source of anything."""
LARGEST = 4 << 20
"""Bytes of a note; larger ones are left alone."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A note that was left alone, and why, in one line."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A note on the disk: its path in the vault, with `/`, and what tells that it changed."""

    path: str
    mtime_ns: int
    size: int


class Vault:
    """`root` is a folder, or a single note: then the Obsidian vault around it, else its folder.
    Raises BadInput."""

    def __init__(self, root: Path) -> None:
        if not root.exists():
            raise BadInput(f"there is no folder {root}", "Name a folder of Markdown notes.")
        self.root = _vault_of(root.resolve()) if root.is_file() else root.resolve()
        self.only = self._name(root.resolve()) if root.is_file() else None
        self.skipped: list[Skipped] = []

    def notes(self) -> Iterator[Found]:
        """All notes in order of their paths; hidden folders are not looked into."""
        self.skipped.clear()
        for folder, folders, files in os.walk(self.root, onerror=self._closed):
            place = Path(folder)
            for name in [name for name in folders if (place / name).is_symlink()]:
                self._skip(place / name, "a link to another folder is not followed")
            folders[:] = sorted(
                name for name in folders
                if not name.startswith(".") and not (place / name).is_symlink()
            )  # fmt: skip
            for name in sorted(files):
                if name.endswith(".md") and not name.startswith("."):
                    yield from self._found(place / name)

    def _found(self, path: Path) -> Iterator[Found]:
        try:
            inside = path.resolve(strict=True).is_relative_to(self.root)
            state = path.stat()
        except (OSError, RuntimeError) as error:
            closed = isinstance(error, PermissionError)
            self._skip(path, "it cannot be read" if closed else "the link is broken")
            return
        if not inside:
            self._skip(path, "the link leads out of the folder")
        elif state.st_size > LARGEST:
            self._skip(path, f"it is larger than {LARGEST >> 20} MiB")
        elif path.is_file():
            yield Found(self._name(path), state.st_mtime_ns, state.st_size)

    def _closed(self, error: OSError) -> None:
        self._skip(Path(error.filename), f"the folder cannot be read: {error.strerror}")

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(self._name(path), reason))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def place(self, note: str) -> Path:
        """Where a note lies, given by its path in the vault or on the disk. Raises BadInput where
        that is outside the vault or no note."""
        path = Path(note) if Path(note).is_absolute() else self.root / note
        if not path.exists() and Path(note).exists():
            path = Path(note)
        resolved = path.resolve()
        if not resolved.is_relative_to(self.root):
            raise BadInput(f"{note} lies outside {self.root}", "Name a note of this folder.")
        if not resolved.is_file():
            raise BadInput(f"there is no note {note} in {self.root}", "Name one that is there.")
        return resolved

    def name(self, note: str) -> str:
        """The path in the vault of a note given in either way. Raises BadInput."""
        return self._name(self.place(note))

    def read(self, note: str) -> str:
        """The text of a note. Raises BadInput where it is not UTF-8, too large or outside."""
        path = self.place(note)
        try:
            if path.stat().st_size > LARGEST:
                raise BadInput(f"{note} is larger than {LARGEST >> 20} MiB")
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadInput(f"{note} is not UTF-8 text", "Save it as UTF-8.") from None
        except OSError as error:
            raise BadInput(f"cannot read {note}: {error.strerror}") from None

    def write(self, note: str, text: str, before: str | None) -> None:
        """Put `text` in place of `before` (None: a new note) in one step.

        Raises BadInput where the note is no longer what it was: nothing is overwritten.
        """
        path = self.root / note
        if before is None:
            if path.exists() or not path.parent.resolve().is_relative_to(self.root):
                raise BadInput(f"{note} cannot be made", "It is there already, or outside.")
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            path = self.place(note)
            if self.read(note) != before:
                raise BadInput(f"{note} changed meanwhile", "Nothing was written; do it again.")
        land(path, text)


def _vault_of(note: Path) -> Path:
    """The nearest folder above that Obsidian has opened, else the note's own."""
    opened = (folder for folder in note.parents if (folder / ".obsidian").is_dir())
    return next(opened, note.parent)


def land(path: Path, text: str) -> None:
    """Put a text in its place in one step; a note keeps its mode. Raises DiskFull."""
    try:
        whole.write(path, text, path.stat().st_mode & 0o777 if path.exists() else 0o644)
    except OSError as error:
        if is_disk_full(error):
            raise DiskFull(f"no space left for {path}", "Free some space.") from error
        raise
