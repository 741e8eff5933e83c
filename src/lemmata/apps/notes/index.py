"""The search index of a vault: SQLite's full-text search with BM25, updated by content hash.

It lies in the cache and never in the vault. A stop loses at most the notes since the last commit;
the next update goes on.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lemmata.apps.notes.links import Link, Resolver, base_name, links
from lemmata.apps.notes.vault import NOTEBOOK, Found, Skipped, Vault
from lemmata.apps.notes.words import STOP, words
from lemmata.errors import BadInput
from lemmata.models.progress import Progress, silent

_FORMAT = 2
_COMMIT = 500
"""Notes between two commits."""
_PATIENCE = 60.0
"""Seconds to wait for another process that is indexing the same vault."""
_QUERY = 64
"""Words of a query that are looked for."""
_TABLES = f"""
PRAGMA user_version = {_FORMAT};
CREATE TABLE notes (id INTEGER PRIMARY KEY, path TEXT UNIQUE, mtime_ns INT, size INT, hash TEXT);
CREATE TABLE links (source INT, target TEXT, sub TEXT, embed INT, line INT, name TEXT);
CREATE INDEX links_of ON links (source);
CREATE INDEX links_to ON links (name);
CREATE VIRTUAL TABLE words USING fts5 (title, body, tokenize = 'porter unicode61');
"""


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did, in notes; `skipped` are those left alone."""

    notes: int
    changed: int
    removed: int
    skipped: tuple[Skipped, ...]


class Index:
    """Of one vault, in `folder`. Close it, or use it as a context."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.vault = vault
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(str(vault.root).encode()).hexdigest()[:16]
        self._db = _open(folder / f"{name}.db")
        self._resolver: Resolver | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._db.close()

    def update(self, progress: Progress = silent) -> Updated:
        """Bring it up to date: only notes whose time or size changed are read, only those whose
        content changed are indexed again."""
        known = {
            path: (number, mtime, size, digest)
            for number, path, mtime, size, digest in self._db.execute("SELECT * FROM notes")
        }
        found = [note for note in self.vault.notes() if not note.path.startswith(f"{NOTEBOOK}/")]
        unreadable: list[Skipped] = []
        changed = 0
        for done, note in enumerate(found, 1):
            row = known.pop(note.path, None)
            if row is None or row[1:3] != (note.mtime_ns, note.size):
                changed += self._read(note, row, unreadable)
            if done % _COMMIT == 0 or done == len(found):
                self._db.commit()
                progress("indexing notes", done, len(found))
        for number, *_ in known.values():
            self._forget(number)
        self._db.commit()
        self._resolver = None
        return Updated(len(found), changed, len(known), (*self.vault.skipped, *unreadable))

    def _read(
        self, note: Found, row: tuple[int, int, int, str] | None, unreadable: list[Skipped]
    ) -> bool:
        """Whether its content is new."""
        try:
            text = self.vault.read(note.path)
        except BadInput as error:
            unreadable.append(Skipped(note.path, error.cause.removeprefix(f"{note.path} is ")))
            if row is not None:
                self._forget(row[0])
            return False
        digest = hashlib.sha256(text.encode()).hexdigest()
        state = (note.mtime_ns, note.size, digest)
        if row is not None and row[3] == digest:
            self._db.execute(
                "UPDATE notes SET mtime_ns=?, size=?, hash=? WHERE id=?", (*state, row[0])
            )
            return False
        if row is not None:
            self._forget(row[0])
        self._insert(note.path, state, text)
        return True

    def _insert(self, path: str, state: tuple[int, int, str], text: str) -> None:
        number = self._db.execute(
            "INSERT INTO notes (path, mtime_ns, size, hash) VALUES (?, ?, ?, ?)", (path, *state)
        ).lastrowid
        title = " ".join(words(path.removesuffix(".md")))
        self._db.execute(
            "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
            (number, title, " ".join(words(text))),
        )
        self._db.executemany(
            "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?)",
            [
                (number, link.target, link.sub, link.embed, link.line, base_name(link.target))
                for link in links(text)
            ],
        )

    def _forget(self, number: int) -> None:
        self._db.execute("DELETE FROM words WHERE rowid = ?", (number,))
        self._db.execute("DELETE FROM links WHERE source = ?", (number,))
        self._db.execute("DELETE FROM notes WHERE id = ?", (number,))

    @property
    def resolver(self) -> Resolver:
        if self._resolver is None:
            rows = self._db.execute("SELECT path FROM notes")
            self._resolver = Resolver(path for (path,) in rows)
        return self._resolver

    def search(self, query: str, limit: int = 20) -> list[tuple[str, float]]:
        """Notes and their BM25 scores, the best first; a word of the title counts three times."""
        wanted = list(dict.fromkeys(word for word in words(query) if word not in STOP))[:_QUERY]
        if not wanted:
            return []
        match = " OR ".join(f'"{word}"' for word in wanted)
        rows = self._db.execute(
            "SELECT path, -bm25(words, 3.0, 1.0) FROM words JOIN notes ON notes.id = words.rowid "
            "WHERE words MATCH ? ORDER BY bm25(words, 3.0, 1.0), path LIMIT ?",
            (match, limit),
        )
        return list(rows)

    def links_of(self, note: str) -> list[Link]:
        """In the order of the text."""
        rows = self._db.execute(
            "SELECT target, sub, embed, line FROM links JOIN notes ON notes.id = source "
            "WHERE path = ? ORDER BY links.rowid",
            (note,),
        )
        return [Link(target, sub, bool(embed), line) for target, sub, embed, line in rows]

    def backlinks(self, note: str) -> list[tuple[str, Link]]:
        """The notes that link to this one, by path, with the links."""
        rows: Iterable[tuple[str, str, str, int, int]] = self._db.execute(
            "SELECT path, target, sub, embed, line FROM links JOIN notes ON notes.id = source "
            "WHERE name = ? AND path != ? ORDER BY path, links.rowid",
            (base_name(note), note),
        )
        found = [
            (path, Link(target, sub, bool(embed), line)) for path, target, sub, embed, line in rows
        ]
        return [pair for pair in found if self.resolver.note(pair[1].target, pair[0]) == note]


def _open(path: Path) -> sqlite3.Connection:
    """The database; one that is damaged or of another version is made anew, as it can be."""
    try:
        db = sqlite3.connect(path, timeout=_PATIENCE)
        if db.execute("PRAGMA user_version").fetchone()[0] == _FORMAT:
            return db
        db.close()
    except sqlite3.DatabaseError:
        db.close()
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, timeout=_PATIENCE)
    db.executescript(_TABLES)
    return db
