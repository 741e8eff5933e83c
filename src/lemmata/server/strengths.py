"""What adapters are set to, in a file that outlives the server."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from lemmata.errors import BadData


class Strengths(dict[str, float]):
    """Adapter names to factors on what they add; 1 for those not named.

    Raises BadData where the file is not one that was written here."""

    def __init__(self, path: Path) -> None:
        super().__init__(_read(path))
        self._path = path

    def keep(self, name: str, strength: float) -> None:
        """Set one; blocks until it is on the disk."""
        self[name] = strength
        self._write()

    def forget(self, name: str) -> None:
        """The adapter is gone, or the name now means another one."""
        if self.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, new = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(self, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._path)
        except BaseException:
            Path(new).unlink(missing_ok=True)
            raise


def _read(path: Path) -> dict[str, float]:
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError:
        told = None
    if not isinstance(told, dict) or not all(type(v) in (int, float) for v in told.values()):
        raise BadData(f"{path} holds no strengths of adapters", "Mend it, or delete it.")
    return {name: float(value) for name, value in told.items()}
