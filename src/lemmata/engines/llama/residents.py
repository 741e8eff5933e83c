"""The adapters in memory: read when a request needs one, freed least recently used first."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from lemmata.engines.llama.library import Adapter, Model
from lemmata.engines.llama.roll import Roll
from lemmata.errors import AdapterRefused


@dataclass(slots=True)
class _Known:
    """`users`: requests that need it, and contexts that have it in force. libllama knows adapters
    by address: one in force must not be freed, or the next may be taken for it."""

    path: Path
    adapter: Adapter | None = None
    users: int = 0
    forgotten: bool = False


class Residents:
    """At most `most` adapters in memory, more only while more are in use at once. May be used from
    any thread."""

    def __init__(self, model: Model, most: int) -> None:
        self._model = model
        self._most = most
        self._known: dict[str, _Known] = {}
        self._lock = threading.RLock()
        self.roll = Roll()

    def load(self, sha256: str, path: Path) -> None:
        """Know the adapter and read it now. Raises AdapterRefused."""
        with self._lock:
            known = self._known.get(sha256)
            if known is None:
                self._known[sha256] = _Known(path, self._read(path))
                self._make_room()
            else:
                known.forgotten = False

    def unload(self, sha256: str) -> None:
        """Forget the adapter as soon as nobody uses it."""
        with self._lock:
            known = self._known.get(sha256)
            if known is not None:
                known.forgotten = True
                self._sweep(sha256, known)

    def pin(self, sha256: str | None) -> None:
        """A request begins to need it. Raises AdapterRefused where it is unknown or unloaded."""
        if sha256 is None:
            return
        with self._lock:
            known = self._known.get(sha256)
            if known is None or known.forgotten:
                raise AdapterRefused(f"adapter {sha256[:12]} is not loaded")
            known.users += 1

    def hold(self, sha256: str | None) -> None:
        """The same for one that is pinned already, also where it is to be forgotten."""
        if sha256 is not None:
            with self._lock:
                self._known[sha256].users += 1

    def unpin(self, sha256: str | None) -> None:
        if sha256 is None:
            return
        with self._lock:
            known = self._known[sha256]
            known.users -= 1
            self._sweep(sha256, known)
            self._make_room()

    def get(self, sha256: str | None) -> Adapter | None:
        """The adapter, which is pinned, in memory now; None for the base. Raises
        AdapterRefused."""
        if sha256 is None:
            return None
        with self._lock:
            known = self._known.pop(sha256)
            self._known[sha256] = known
            if known.adapter is None:
                known.adapter = self._read(known.path)
                self._make_room()
            return known.adapter

    def in_memory(self) -> int:
        with self._lock:
            return sum(known.adapter is not None for known in self._known.values())

    def close(self) -> None:
        with self._lock:
            for known in self._known.values():
                self._free(known)
            self._known.clear()

    def _sweep(self, sha256: str, known: _Known) -> None:
        if known.forgotten and not known.users:
            self._free(known)
            del self._known[sha256]

    def _make_room(self) -> None:
        idle = [k for k in self._known.values() if k.adapter is not None and not k.users]
        for known in idle[: max(0, self.in_memory() - self._most)]:
            self._free(known)

    def _read(self, path: Path) -> Adapter:
        with self.roll.changing():
            return Adapter(self._model, path)

    def _free(self, known: _Known) -> None:
        if known.adapter is not None:
            with self.roll.changing():
                known.adapter.close()
            known.adapter = None
