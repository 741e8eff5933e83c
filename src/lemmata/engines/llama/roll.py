"""libllama's roll of adapters: many may look through it, or one may change it.

It looks through it whenever it plans a graph, for each context, and nothing of its own keeps the
roll from changing meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Roll:
    """Who wants to change it goes before those who come to look."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._looking = self._waiting = 0
        self._changing = False

    @contextmanager
    def looking(self) -> Iterator[None]:
        with self._turn:
            self._turn.wait_for(lambda: not (self._changing or self._waiting))
            self._looking += 1
        try:
            yield
        finally:
            with self._turn:
                self._looking -= 1
                self._turn.notify_all()

    @contextmanager
    def changing(self) -> Iterator[None]:
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: not (self._changing or self._looking))
            self._waiting -= 1
            self._changing = True
        try:
            yield
        finally:
            with self._turn:
                self._changing = False
                self._turn.notify_all()
