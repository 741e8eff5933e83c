"""The life of one test: its pipes, its deadline, and what came out.

Each test gets pipes of its own, so nothing left over from an earlier one could write into a later
one's output, and its input is sent only when its turn comes.
"""

from __future__ import annotations

import math
import os
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lemmata.verify.sandbox import usage
from lemmata.verify.sandbox.box import Box, Broken, sealed
from lemmata.verify.sandbox.ending import Done
from lemmata.verify.sandbox.limits import Limits, Run, Status

Mode = Literal["program", "call", "check", "files"]
TICK_S = 0.01
"""Seconds between two looks at memory and processes."""
GRACE_S = 1.0
"""Seconds that a runner has to confirm a kill before its whole sandbox is destroyed."""
STDERR_BYTES = 64 << 10
SLACK = 1.25
"""The kernel's own CPU limit counts in ticks, and on a busy machine counts too many: it only stops
a program that spins, further out; the verdict goes by the time that was really used."""
PLACES = ("/tmp", "/run")  # noqa: S108 - inside


@dataclass(frozen=True, slots=True)
class Line:
    """A side line to the test's process (mode `check`): `far` goes in and is closed here; `answer`
    is called when `near` has something to read, and returns False to end the test."""

    near: socket.socket
    far: socket.socket
    answer: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Order:
    """One test: what to do with `payload`."""

    mode: Mode
    payload: bytes
    argv: tuple[str, ...] = ()
    line: Line | None = None


class Trial:
    def __init__(self, box: Box, order: Order, limits: Limits) -> None:
        self.box, self.order, self.limits = box, order, limits
        self.ended: tuple[Status, str] | None = None
        """Why we ended it, if we did."""
        self.done: Done | None = None
        self.result = b""
        self.peak = 0
        self.written = {"out": 0, "err": 0}
        self.kept = {"out": bytearray(), "err": bytearray()}
        self.poller = select.poll()

    def run(self) -> Run:
        """Run the test to its verdict; marks the box spent when the program broke it."""
        pipes = {"out": os.pipe2(os.O_CLOEXEC), "err": os.pipe2(os.O_CLOEXEC)}
        self.readers = {pipes[name][0]: name for name in pipes}
        try:
            for reader in self.readers:
                os.set_blocking(reader, False)
                self.poller.register(reader, select.POLLIN)
            started = time.monotonic()
            self._start([end for _, end in pipes.values()])
            try:
                self._watch(started)
            except Broken as broken:
                self._end("RE", f"the program broke its sandbox: {broken}")
                self.box.spent = True
            wall = time.monotonic() - started
            for reader in tuple(self.readers):
                while self._read(reader):
                    pass
        finally:
            for pipe in pipes.values():
                os.close(pipe[0])
        return self._judge(wall)

    def _start(self, ends: list[int]) -> None:
        payload = sealed(self.order.payload)
        line = self.order.line
        files = [payload, *ends, *([line.far.fileno()] if line else [])]
        try:
            self.box.send(
                {
                    "op": "run", "mode": self.order.mode, "argv": list(self.order.argv),
                    "cpu": math.ceil(self.limits.time_s * SLACK) + 1,
                    "result_limit": self.limits.output_kib << 10,
                },
                files,
            )  # fmt: skip
        finally:
            for fd in (payload, *ends):
                os.close(fd)
            if line:
                line.far.close()
        self.poller.register(self.box.control, select.POLLIN)
        if line:
            self.poller.register(line.near, select.POLLIN)

    def _watch(self, started: float) -> None:
        deadline, tick = started + self.limits.wall, started + TICK_S
        while self.done is None:
            ended = self.ended
            if time.monotonic() > deadline:
                if ended:
                    raise Broken("the runner does not end its test")
                self._end("TLE", f"took longer than {self.limits.wall:g} s")
            if time.monotonic() > tick:
                self._look()
                tick = time.monotonic() + TICK_S
            before = time.monotonic()
            for fd, _ in self.poller.poll(1000 * max(0.0, min(tick, deadline) - before) + 1):
                deadline += self._serve(fd)
            if self.ended and not ended:
                deadline = time.monotonic() + GRACE_S
        self._fetch()

    def _serve(self, fd: int) -> float:
        """Handle what `fd` has to say; seconds by which the test's clock stood still meanwhile."""
        line = self.order.line
        if fd in self.readers:
            self._read(fd)
        elif line and fd == line.near.fileno():
            before = time.monotonic()
            if not line.answer():
                self.poller.unregister(fd)
            return time.monotonic() - before
        else:
            self.done = Done.read(self.box.receive())
        return 0.0

    def _read(self, fd: int) -> bool:
        """Take what is there; False if there was nothing (more) to take."""
        name = self.readers.get(fd)
        if name is None:
            return False
        try:
            piece = os.read(fd, 1 << 20)
        except BlockingIOError:
            return False
        if not piece:
            self.poller.unregister(fd)
            del self.readers[fd]
            return False
        self._keep(name, piece)
        return not self.ended

    def _keep(self, name: str, piece: bytes) -> None:
        self.written[name] += len(piece)
        if self.written[name] > self.limits.output_kib << 10:
            self._end("OLE", f"wrote more than {self.limits.output_kib} KiB to std{name}")
            return
        self.kept[name] += piece
        if name == "err":
            del self.kept[name][:-STDERR_BYTES]

    def _look(self) -> None:
        limit = self.limits.memory_mib << 20
        used = usage.below(self.box.init, self.box.pid, limit)
        held = used.memory + (usage.stored(self.box.init, PLACES) if self.box.alone else 0)
        self.peak = max(self.peak, held)
        if held > limit:
            self._end("MLE", f"used more than {self.limits.memory_mib} MiB")
        elif used.cpu_s > self.limits.time_s:
            self._end("TLE", f"used {used.cpu_s:.2f} s of CPU time")
        elif used.tasks > self.limits.processes + 8:
            self._end("RE", f"started more than {self.limits.processes} processes")

    def _end(self, status: Status, reason: str) -> None:
        if self.ended is None:
            self.ended = (status, reason)
            try:
                self.box.send({"op": "kill"})
            except Broken:
                self.box.spent = True

    def _fetch(self) -> None:
        """The rest of what `done` announced: the result's text."""
        assert self.done is not None
        size = self.done.result
        if size > self.limits.output_kib << 10:
            raise Broken("the runner announced an impossible result")
        while len(self.result) < size:
            self.box.wait(GRACE_S)
            self.result += self.box.packet()
        self.box.spent |= self.done.dirty or not self.box.alone

    def _judge(self, wall: float) -> Run:
        done = self.done or Done(0, 0, 0.0, 0, -1, True)
        if self.box.group and self.box.group.starved():
            self.ended = ("MLE", f"used more than {self.limits.memory_mib} MiB")
            self.box.spent = True
        peak = max(self.peak, done.rss << 10)
        needed = self.order.mode in ("call", "check") and not self.result
        status, reason = self.ended or done.means(self.limits, peak, self.kept["err"], needed)
        return Run(
            status=status,
            stdout=bytes(self.kept["out"]),
            stderr=bytes(self.kept["err"]),
            cpu_s=done.cpu,
            wall_s=wall,
            peak_mib=peak / (1 << 20),
            reason=reason,
            exit_code=done.exit,
            result=self.result if status == "OK" and self.result else None,
        )
