"""What a question about notes was asked with, kept beside the journal of its solve, so that an
answer that was interrupted can still become a callout in its place."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from lemmata.apps.notes.passage import Passage
from lemmata.apps.notes.vault import land
from lemmata.errors import BadInput

KEPT = 200
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Asked:
    """`vault` is the folder, `note` the note in it; `used` the passages of the prompt."""

    vault: str
    note: str
    question: str
    selection: str
    used: tuple[Passage, ...]


def keep(folder: Path, number: str, asked: Asked) -> None:
    """Under the id of the solve. The oldest go."""
    folder.mkdir(parents=True, exist_ok=True)
    land(folder / f"{number}.json", json.dumps(asdict(asked), ensure_ascii=False))
    for old in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def find(folder: Path, number: str) -> Asked:
    """Raises BadInput where nothing was asked under that id."""
    path = folder / f"{number}.json"
    if not _ID.fullmatch(number) or not path.is_file():
        raise BadInput(f"no question about notes has the id {number!r}", "Ask it again.")
    try:
        values = json.loads(path.read_bytes())
        used = tuple(Passage(**row) for row in values.pop("used"))
        return Asked(used=used, **values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(f"{path} cannot be read: {error}", "Ask the question again.") from None
