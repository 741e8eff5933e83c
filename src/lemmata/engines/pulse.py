"""Whether a server is there, asked again and again by a thread of its own.

A look at an engine's health must not wait for a network, so the last answer is kept; a request that
fails to reach the server says so at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

BEAT_S = 2.0


class Pulse:
    """`ask` raises nothing: it tells whether the server answers, and makes what it lost good again
    when `back` is true, because the last answer was no."""

    def __init__(self, ask: Callable[[bool], bool], beat_s: float = BEAT_S) -> None:
        self._ask, self._beat_s = ask, beat_s
        self._up, self._closed, self._lost = True, threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="server-pulse", daemon=True).start()

    @property
    def up(self) -> bool:
        return self._up and not self._closed.is_set()

    def lost(self) -> None:
        """Somebody could not reach it: not up until it answers again."""
        self._up = False
        self._lost.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._lost.wait(self._beat_s)
            back = self._lost.is_set() or not self._up
            self._lost.clear()
            if self._closed.is_set():
                return
            answers = self._ask(back)
            self._up = answers and not self._lost.is_set()
            if not answers:
                self._closed.wait(self._beat_s)

    def close(self) -> None:
        self._closed.set()
        self._lost.set()
