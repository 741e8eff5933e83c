"""What a person may say to a running solve: answer now."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Control:
    """Hand one to `solve_events`, and call it from any thread while the events come.

    To cancel, close the events (`aclose`); what was done is in the journal, if there is one.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._wake: Callable[[], None] = lambda: None

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def answer_now(self) -> None:
        """Stop deriving and answer from what there is: the votes so far, or, where none is in, the
        longest derivation, closed and asked for its answer."""
        self._asked.set()
        self._wake()

    def attach(self, wake: Callable[[], None]) -> None:
        """`wake` is called, on the caller's thread, when something is asked."""
        self._wake = wake
        if self.asked:
            wake()
