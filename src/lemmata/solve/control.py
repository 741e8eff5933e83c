"""What a person may say to a running solve: answer now, or stop."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Control:
    """Hand one to `solve_events`, and call it from any thread while the events come."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._cancelled = threading.Event()
        self._wake: Callable[[], None] = lambda: None

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def answer_now(self) -> None:
        """Stop deriving and answer from what there is: the votes so far, or, where none is in, the
        longest derivation, closed and asked for its answer."""
        self._asked.set()
        self._wake()

    def cancel(self) -> None:
        """Stop without asking for more; what is there is told, and stays in the journal."""
        self._cancelled.set()
        self._wake()

    def attach(self, wake: Callable[[], None]) -> None:
        """`wake` is called, on the caller's thread, when something is asked."""
        self._wake = wake
        if self.asked or self.cancelled:
            wake()
