"""A pool of worker processes that can be killed at any moment; one always waits, warm.

A worker that overruns its time, its memory or its manners is killed and replaced; the caller gets
the reason and nothing else notices. Callable from any thread; from asyncio through
`asyncio.to_thread`. A forked child starts with a pool of its own.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from typing import Any

START_S = 60.0
"""A cold start imports sympy; on a busy machine that takes seconds, never this long."""
REPLY_BYTES = 1 << 20


class WorkerLost(Exception):
    """The worker gave no usable answer; the text says why, in a few words."""


class Worker:
    """One process: a JSON line in, a JSON line out."""

    def __init__(self, memory_mib: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "lemmata.verify.worker", str(memory_mib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin
        self._out = self._process.stdout.fileno()
        self._ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, task: dict[str, Any], cpu_s: float, wall_s: float) -> dict[str, Any]:
        """Raises WorkerLost; the worker must then be killed."""
        if not self._ready:
            self._line(START_S, "the checker did not start")
            self._ready = True
        try:
            self._in.write(json.dumps({**task, "cpu_s": cpu_s}).encode() + b"\n")
            self._in.flush()
        except OSError as lost:
            raise WorkerLost("the checker died") from lost
        asked = time.monotonic()
        reply = json.loads(self._line(wall_s, "the checker took too long"))
        assert isinstance(reply, dict)
        return {**reply, "took_s": time.monotonic() - asked}

    def _line(self, timeout_s: float, late: str) -> bytes:
        deadline = time.monotonic() + timeout_s
        poller, data = select.poll(), b""
        poller.register(self._out, select.POLLIN)
        while not data.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not poller.poll(left * 1000):
                raise WorkerLost(late)
            piece = os.read(self._out, 65536)
            data += piece
            if not piece or len(data) > REPLY_BYTES:
                raise WorkerLost("the checker ran out of time or memory")
        return data

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._in.close()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Pool:
    """At most `size` workers at work; `spare` more wait idle. All limits are per task."""

    def __init__(self, size: int = 2, spare: int = 1, memory_mib: int = 1024) -> None:
        self._slots = threading.BoundedSemaphore(size)
        self._spare, self._memory_mib = spare, memory_mib
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._closed = False

    def ask(self, task: dict[str, Any], cpu_s: float, wall_s: float) -> dict[str, Any]:
        """The worker's reply, and the seconds that it `took_s`, within `cpu_s` seconds of its
        computing and `wall_s` on the clock, a cold start not counted. Raises WorkerLost with the
        reason."""
        with self._slots:
            worker = self._take()
            try:
                reply = worker.ask(task, cpu_s, wall_s)
            except BaseException:
                worker.kill()
                self._refill()
                raise
            self._give(worker, fit=not reply.pop("spent", False))
            return reply

    def warm(self) -> None:
        """Start the spare worker now, so that the first hard question need not wait for it."""
        self._refill()

    def _take(self) -> Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return Worker(self._memory_mib)

    def _give(self, worker: Worker, fit: bool) -> None:
        with self._lock:
            if fit and not self._closed and len(self._idle) <= self._spare:
                self._idle.append(worker)
                return
        worker.kill()
        self._refill()

    def _refill(self) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < self._spare:
                self._idle.append(Worker(self._memory_mib))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()


_pool: Pool | None = None
_pool_lock = threading.Lock()
_inherited: list[Pool] = []


def shared() -> Pool:
    """The process-wide pool, made on first use."""
    global _pool
    with _pool_lock:
        if _pool is None:
            _pool = Pool()
            atexit.register(_pool.close)
        return _pool


def _forget() -> None:
    """After a fork the workers belong to the parent: keep the objects, never speak to them."""
    global _pool, _pool_lock
    _pool_lock = threading.Lock()
    if _pool is not None:
        _inherited.append(_pool)
        atexit.unregister(_pool.close)
        _pool = None


os.register_at_fork(after_in_child=_forget)
