"""The count of what became of every row: read, kept, dropped for a reason, flagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_SHOWN = 5


@dataclass(slots=True)
class Tally:
    """`rows` counts what the files held, `examples` what those rows turned into."""

    rows: int = 0
    examples: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    evidence: dict[str, list[str]] = field(default_factory=dict)
    """The first places of each reason."""
    record: Callable[[str, str, str], None] | None = None
    """Called with the place, reason and detail of every row that is dropped."""

    def drop(self, place: str, reason: str, detail: str = "") -> None:
        self.dropped[reason] += 1
        self._note(place, reason, detail)
        if self.record:
            self.record(place, reason, detail)

    def flag(self, place: str, reason: str, detail: str = "") -> None:
        self.flagged[reason] += 1
        self._note(place, reason, detail)

    def _note(self, place: str, reason: str, detail: str) -> None:
        places = self.evidence.setdefault(reason, [])
        if len(places) < _SHOWN:
            places.append(f"{place}: {detail}" if detail else place)

    def as_json(self) -> dict[str, Any]:
        """Counts with the first places; the commonest reason first."""
        return {
            "rows": self.rows,
            "examples": self.examples,
            "dropped": dict(self.dropped.most_common()),
            "flagged": dict(self.flagged.most_common()),
            "languages": dict(self.languages.most_common()),
            "evidence": self.evidence,
        }
