"""Hashes of files, remembered for as long as the file is untouched.

Every use of a model checks its files. Hashing gigabytes each time would not do, so a hash is kept
with the file's size, inode and times of change; the kernel moves the last (ctime) on every write
and no program can set it back. Any difference means hashing again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from lemmata import whole

_CHUNK = 1 << 22

Watch = Callable[[int], None]
"""Called with the bytes hashed so far."""


def _ignore(done: int) -> None:
    del done


def sha256(path: Path, watch: Watch = _ignore) -> str:
    """SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    return _feed(digest, path, watch)


def git_blob(path: Path) -> str:
    """The SHA-1 by which git, and so a hub, names a small file."""
    header = f"blob {path.stat().st_size}\0".encode()
    digest = hashlib.sha1(header, usedforsecurity=False)
    return _feed(digest, path, _ignore)


def _feed(digest: hashlib._Hash, path: Path, watch: Watch) -> str:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            watch(file.tell())
    return digest.hexdigest()


class HashCache:
    """Remembers hashes under `folder`, one small file for each path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sha256(self, path: Path, watch: Watch = _ignore) -> str:
        """SHA-256 of the file as it is now."""
        path = path.resolve()
        record = self._folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:32]}.json"
        stamp = _stamp(path)
        remembered = _read(record)
        if remembered.get("stamp") == stamp:
            return str(remembered["sha256"])
        value = sha256(path, watch)
        record.parent.mkdir(parents=True, exist_ok=True)
        whole.write(record, json.dumps({"path": str(path), "stamp": stamp, "sha256": value}))
        return value


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns]


def _read(record: Path) -> dict[str, object]:
    """A record that is absent or unreadable only means that the file is hashed again."""
    try:
        value = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
