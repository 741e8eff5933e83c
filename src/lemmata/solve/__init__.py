"""From a problem to a checked answer."""

from lemmata.solve.control import Control
from lemmata.solve.events import (
    Candidate,
    Event,
    Notice,
    Part,
    Piece,
    Plan,
    Repair,
    Standing,
    Trial,
)
from lemmata.solve.journal import Asked, Journal
from lemmata.solve.options import Options
from lemmata.solve.solve import solve, solve_async, solve_events, task_of

__all__ = [
    "Asked",
    "Candidate",
    "Control",
    "Event",
    "Journal",
    "Notice",
    "Options",
    "Part",
    "Piece",
    "Plan",
    "Repair",
    "Standing",
    "Trial",
    "solve",
    "solve_async",
    "solve_events",
    "task_of",
]
