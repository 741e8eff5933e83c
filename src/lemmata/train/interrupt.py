"""Ctrl-C in a long loop: the first asks it to save and stop, the second stops it at once."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any, Self


class Stopped(KeyboardInterrupt):
    """A person stopped the run in the folder `run`, after its state was saved."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self.run = run


class Interrupt:
    """While entered, SIGINT and SIGTERM set `asked`; a second one acts as it would have anyway.

    Only the main thread of a program hears signals; in others nothing is changed.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True
        self._restore()

    def _restore(self) -> None:
        for number, action in self._before.items():
            signal.signal(number, action)
        self._before = {}

    def __exit__(self, *error: object) -> None:
        self._restore()
