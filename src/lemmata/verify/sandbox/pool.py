"""Empty sandboxes, started ahead of need and thrown away after use.

One thread starts them and lives as long as the pool: a sandbox dies with the thread that started
it, so a crash of this process leaves nothing behind. Another waits for used ones to be gone."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Protocol

from lemmata.errors import EnvironmentMissing
from lemmata.verify.sandbox.box import Box, Broken, readable
from lemmata.verify.sandbox.launch import START_S

FAILURES = 3
"""Sandboxes that fail to start one after the other before the pool gives up."""


PAUSE_S = 0.1
"""Before trying again where the machine refused to start a process."""


class Starting(Protocol):
    """A sandbox on its way up."""

    deadline: float

    def fileno(self) -> int:
        """Becomes readable when `finish` can be called."""
        ...

    def finish(self) -> Box: ...

    def abandon(self) -> None: ...


class Rung(Protocol):
    """A way to start sandboxes."""

    def start(self) -> Starting: ...

    def close(self) -> None: ...


class Pool:
    """Keeps `size` sandboxes of `rung` ready. Thread-safe; owns the rung."""

    def __init__(self, rung: Rung, size: int) -> None:
        self.rung, self.size = rung, size
        self.ready: deque[Box] = deque()
        self.starting: list[Starting] = []
        self.failed: list[str] = []
        self.lent = 0
        self.closing = False
        self.changed = threading.Condition()
        self.used: queue.SimpleQueue[Box | None] = queue.SimpleQueue()
        self.wake, self.waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.threads = [
            threading.Thread(target=self._fill, name="sandbox-pool", daemon=True),
            threading.Thread(target=self._clear, name="sandbox-reaper", daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def take(self) -> Box:
        """A fresh sandbox; waits for one. Raises EnvironmentMissing if they no longer start."""
        with self.changed:
            self.changed.wait_for(lambda: self.ready or self.failed or self.closing, START_S)
            if not self.ready:
                reason = self.failed[-1] if self.failed else "the pool is closed or stuck"
                raise EnvironmentMissing(f"no sandbox could be started: {reason}")
            box = self.ready.popleft()
            self.lent += 1
        self._nudge()
        return box

    def discard(self, box: Box) -> None:
        """Throw a taken sandbox away; returns at once, unless the pool is closed."""
        with self.changed:
            self.lent -= 1
            if not self.closing:
                self.used.put(box)
                self._nudge()
                return
        box.close()

    def close(self) -> None:
        """End every sandbox and wait until they are gone. Idempotent."""
        with self.changed:
            if self.closing:
                return
            self.closing = True
            self.changed.notify_all()
        self._nudge()
        self.threads[0].join()
        self.used.put(None)
        self.threads[1].join()
        self.rung.close()
        for fd in (self.wake, self.waker):
            os.close(fd)

    def _nudge(self) -> None:
        with suppress(BlockingIOError):  # then it has been told often enough
            os.write(self.waker, b".")

    def _fill(self) -> None:
        failures = 0
        while not self.closing:
            reasons = self._start()
            for starting in self._come_up():
                self.starting.remove(starting)
                try:
                    box = starting.finish()
                except Broken as broken:
                    reasons.append(str(broken))
                    continue
                failures = 0
                with self.changed:
                    self.ready.append(box)
                    self.changed.notify()
            failures += len(reasons)
            if failures >= FAILURES:
                with self.changed:
                    self.failed += reasons
                    self.changed.notify_all()
        self._empty()

    def _start(self) -> list[str]:
        """Start as many as are wanted; why not, if the machine is out of processes or files."""
        while not self.failed and not self._full():
            try:
                self.starting.append(self.rung.start())
            except OSError as error:
                time.sleep(PAUSE_S)
                return [str(error)]
        return []

    def _full(self) -> bool:
        return len(self.ready) + len(self.starting) >= self._wanted()

    def _wanted(self) -> int:
        """While some are at work the others wait: starting one would take the tests' processor."""
        return max(1, self.size - self.lent)

    def _come_up(self) -> list[Starting]:
        """Wait for a nudge or for sandboxes that came up (or ran out of time)."""
        idle = 3600 if self.failed or self._full() else 0
        left = min((each.deadline for each in self.starting), default=time.monotonic() + idle)
        came = readable([self.wake, *self.starting], left - time.monotonic())
        if self.wake in came:
            os.read(self.wake, 4096)
        now = time.monotonic()
        return [each for each in self.starting if each in came or now > each.deadline]

    def _empty(self) -> None:
        for starting in self.starting:
            starting.abandon()
        while self.ready:
            self.used.put(self.ready.popleft())

    def _clear(self) -> None:
        while (box := self.used.get()) is not None:
            box.close()
