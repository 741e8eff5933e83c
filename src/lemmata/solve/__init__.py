"""From a problem to a checked answer."""

from lemmata.solve.solve import Candidate, Event, Notice, Piece, solve, solve_async, solve_events

__all__ = ["Candidate", "Event", "Notice", "Piece", "solve", "solve_async", "solve_events"]
