"""What a search says while it runs. Each event is a frozen value with a plain-JSON form."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Started:
    """The search begins, at `covered` if it is resumed."""

    spec: dict[str, Any]
    text: str
    budget: float
    seed: int
    covered: int
    resumed: bool
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Progress:
    """Now and then. `seconds` counts from the start of the first run; `eta` is seconds to the goal
    or to the end of the budget, `rate` points a second of the present method."""

    method: str
    covered: int
    goal: int | None
    points: int
    seconds: float
    rate: float
    eta: float | None
    kind: Literal["progress"] = "progress"


@dataclass(frozen=True, slots=True)
class Found:
    """A counterexample that the judge confirmed; smaller ones may follow."""

    point: list[Any]
    said: str
    method: str
    seconds: float
    kind: Literal["found"] = "found"


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know: a method that is not installed, a proof."""

    text: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end: what is known. The report is made of this."""

    state: Literal["refuted", "no counterexample", "proved"]
    spec: dict[str, Any]
    counterexample: list[Any] | None
    method: str | None
    minimal: bool
    """Whether every smaller point was covered."""
    covered: int
    goal: int | None
    complete: bool
    """Whether the whole domain was covered."""
    points: int
    box: int
    """Points of the covered box, before the guard."""
    tally: dict[str, Any]
    methods: list[dict[str, Any]]
    proof: dict[str, Any] | None
    near: list[dict[str, Any]]
    near_kind: str | None
    curve: list[tuple[float, float]]
    seconds: float
    seed: int
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False
    kind: Literal["outcome"] = "outcome"


Event = Started | Progress | Found | Note | Outcome


def to_json(event: Event) -> dict[str, Any]:
    """The event as JSON; the first field is its kind."""
    plain = asdict(event)
    return {"kind": plain.pop("kind"), **plain}
