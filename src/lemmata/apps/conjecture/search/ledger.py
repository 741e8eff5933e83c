"""What each method of a search has cost and looked at, and what was noted on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Ledger:
    """By method: seconds, and points looked at."""

    spent: dict[str, float] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def book(self, method: str, seconds: float, points: int) -> None:
        """`points` are those of all turns of the method together."""
        self.spent[method] = self.spent.get(method, 0.0) + seconds
        self.points[method] = points

    def methods(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "seconds": seconds, "points": self.points.get(name, 0)}
            for name, seconds in self.spent.items()
        ]
