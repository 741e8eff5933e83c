"""The frontier on disk: how far a search has come, written so that no cut can spoil it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lemmata import whole
from lemmata.apps.conjecture.language.spec import Spec, from_json
from lemmata.errors import BadInput

VERSION = 1
_FRONTIER, _SPEC = "frontier.json", "spec.json"


class Folder:
    """The folder of one search: its spec, its frontier, and in the end its report."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Two searches in one folder would overwrite each other. Raises BadInput."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise BadInput(
                f"another search is running in {self.path}", "Choose another --out."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def spec(self) -> Spec:
        """The spec that the folder holds. Raises BadInput where there is none."""
        document = self._read(_SPEC)
        if document is None:
            raise BadInput(f"there is no search to resume in {self.path}", "Give its --out folder.")
        return from_json(document)

    def begin(self, spec: Spec) -> None:
        """Keep the spec of a new search. Raises BadInput if the folder holds another."""
        held = self._read(_SPEC)
        if held is not None and from_json(held).sha256 != spec.sha256:
            raise BadInput(f"{self.path} holds another conjecture", "Choose another --out.")
        if held is None:
            whole.write(self.path / _SPEC, _json(spec.to_json()))

    def frontier(self, spec: Spec) -> dict[str, Any] | None:
        """The saved frontier, or None. Raises BadInput if it is of another spec."""
        document = self._read(_FRONTIER)
        if document is None:
            return None
        if document.get("version") != VERSION or document.get("spec") != spec.sha256:
            raise BadInput(
                f"the frontier in {self.path} belongs to another conjecture", "Use a new folder."
            )
        return document

    def save_frontier(self, spec: Spec, state: dict[str, Any]) -> None:
        document = {"version": VERSION, "spec": spec.sha256, **state}
        whole.write(self.path / _FRONTIER, _json(document))

    def append_event(self, event: dict[str, Any]) -> None:
        """One line of the event log; a torn last line is all that a cut can leave."""
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.path / name
        if not path.is_file():
            return None
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError):
            document = None
        if not isinstance(document, dict):
            raise BadInput(f"{path} is not the file that a search wrote", "Use a new folder.")
        return document


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
