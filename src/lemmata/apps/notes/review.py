"""Spaced repetition of the error notebook by FSRS-6, in the words of its front matter.

The scheduler is `fsrs`, by the authors of the method; the plugin uses their `ts-fsrs`. Intervals
are not fuzzed, so that both give the same dates; only "hard" on a problem that is still being
learnt brings it back after 5.5 or 10 minutes here and after 6 there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from fsrs import Card, Rating, Scheduler, State

from lemmata.apps.notes.notebook import stamp
from lemmata.errors import BadInput

Grade = Literal["again", "hard", "good", "easy"]
GRADES: tuple[str, ...] = get_args(Grade)
_SCHEDULER = Scheduler(enable_fuzzing=False)
_STATES = {"learning": State.Learning, "review": State.Review, "relearning": State.Relearning}


def due(front: dict[str, Any]) -> datetime:
    """When an entry is to be seen again. Raises BadInput."""
    return _moment(front.get("due"))


def graded(front: dict[str, Any], grade: str, now: datetime) -> dict[str, Any]:
    """The front matter after a review at `now`. Raises BadInput for an unknown grade or a state
    that cannot be read."""
    if grade not in GRADES:
        raise BadInput(f"there is no grade {grade!r}", f"Use one of {', '.join(GRADES)}.")
    before = str(front.get("state", "new"))
    card, _ = _SCHEDULER.review_card(
        _card(front, now), Rating[grade.capitalize()], now.astimezone(UTC)
    )
    lapsed = before == "review" and grade == "again"
    return front | {
        "due": stamp(card.due),
        "state": card.state.name.lower(),
        "step": card.step or 0,
        "stability": round(card.stability or 0.0, 8),
        "difficulty": round(card.difficulty or 0.0, 8),
        "reps": int(front.get("reps") or 0) + 1,
        "lapses": int(front.get("lapses") or 0) + lapsed,
        "last_review": stamp(now),
    }


def _card(front: dict[str, Any], now: datetime) -> Card:
    state = str(front.get("state", "new"))
    if state == "new":
        return Card(card_id=1)
    try:
        return Card(
            card_id=1,
            state=_STATES[state],
            step=None if state == "review" else int(front["step"]),
            stability=float(front["stability"]),
            difficulty=float(front["difficulty"]),
            due=_moment(front["due"]),
            last_review=now - _days(_moment(front["last_review"]), now),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"its memory state cannot be read: {error}") from None


def _days(before: datetime, now: datetime) -> timedelta:
    """As `ts-fsrs` counts them: midnights (UTC) between two moments, not spans of 24 hours."""
    return timedelta(days=(now.astimezone(UTC).date() - before.astimezone(UTC).date()).days)


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):  # YAML reads a bare time as one
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        raise BadInput(f"{value!r} is no time", "Write it as 2026-01-31T12:00:00Z.") from None
