"""Reading a log of JSON lines while it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST = 2000
"""Lines handed out at a time."""


class Lines:
    """The lines of a file from number `after` on; what is not yet a whole line waits."""

    def __init__(self, after: int = 0) -> None:
        self._after = after
        self._number = 0
        self._at = 0

    def fresh(self, path: Path) -> list[tuple[int, Any]]:
        """The lines that have come, with their numbers. A file that has become shorter (a resumed
        run forgets what came after its checkpoint) is read again from the beginning."""
        if not path.exists():
            return []
        with path.open("rb") as file:
            if file.seek(0, 2) < self._at:
                self._number = self._at = 0
            file.seek(self._at)
            found: list[tuple[int, Any]] = []
            while len(found) < MOST and (line := file.readline()).endswith(b"\n"):
                self._at += len(line)
                if self._number >= self._after and (told := _told(line)) is not None:
                    found.append((self._number, told))
                self._number += 1
            return found


def _told(line: bytes) -> Any:
    """None for a line that a power cut has spoilt."""
    try:
        return json.loads(line)
    except ValueError:
        return None
