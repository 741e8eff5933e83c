"""One live sandbox, seen from outside: look at its walls, load a program, run tests, end it.

The clock, the limits and every decision are on this side; what the runner says is read as the words
of a stranger.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import select
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lemmata.verify.sandbox import walls
from lemmata.verify.sandbox.cgroup import Group
from lemmata.verify.sandbox.limits import Limits

PACKET = 65536
SPARE_MIB = 256
"""Address space beyond the memory limit: libraries, thread stacks, the interpreter."""
OWN_MIB = 32
"""Memory of init, the runner and the sandbox's small file systems, on a group's account."""
OWN_TASKS = 2
"""bubblewrap's init and the runner count against the process limit too."""


class Broken(Exception):
    """The sandbox died or stopped keeping the protocol: destroy it."""


class Host(Protocol):
    """The process that holds the sandbox: bubblewrap, or the launcher of the reduced rung."""

    def end(self) -> None:
        """Kill everything in the sandbox and wait until it is gone. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A submission as the runner takes it: with a `compiler` (an argument list) the result is a
    binary, without one it is Python."""

    text: bytes
    suffix: str = ".py"
    compiler: tuple[str, ...] = ()


@dataclass(slots=True)
class Box:
    """A started sandbox whose runner said `ready`. Not thread-safe: one submission has it."""

    control: socket.socket
    host: Host
    pid: int
    """Of the runner, on this side."""
    landlock: int
    """ABI in force inside, 0 for none."""
    alone: bool
    """The runner has a process namespace to itself, so it can end what a test leaves behind."""
    spent: bool = False
    """Something was left behind: take another sandbox for the next test."""
    walls: tuple[str, ...] = ()
    init: int = 0
    """Of the process whose descendants are the sandbox."""
    group: Group | None = None
    """Where the kernel keeps the limits of the whole sandbox, if it does."""

    def look(self) -> None:
        """Note the walls. Raises OSError if the runner is gone or may not be looked at."""
        self.walls = walls.standing(self.pid, self.landlock)
        self.init = int(walls.status_of(self.pid)["PPid"]) if self.alone else self.pid

    def load(self, source: Source, limits: Limits) -> str:
        """Give the runner the submission; returns the compiler's complaint, or nothing. Raises
        Broken if the submission's limits are not in force afterwards."""
        space = (limits.memory_mib + SPARE_MIB) << 20
        tasks = limits.processes + OWN_TASKS
        order = {
            "op": "load", "suffix": source.suffix, "compiler": list(source.compiler),
            "space": space, "tasks": tasks,
        }  # fmt: skip
        fd = sealed(source.text)
        try:
            self.send(order, [fd])
        finally:
            os.close(fd)
        complaint = self._loaded(limits.compile_s)
        if not complaint:
            self._hold(limits, space, tasks)
        return complaint

    def _hold(self, limits: Limits, space: int, tasks: int) -> None:
        try:
            if walls.limits_of(self.pid) != (space, tasks):
                raise Broken("the limits are not in force")
            if self.group:
                self.group.limit((limits.memory_mib + OWN_MIB) << 20, tasks)
        except OSError as error:
            raise Broken(f"the limits cannot be set: {error}") from None

    def _loaded(self, seconds: float) -> str:
        if not readable([self.control], seconds):
            self.spent = True
            return f"compiling took longer than {seconds:g} s"
        try:
            return str(self.receive().get("error", ""))
        except Broken:
            self.spent = True
            return "the compiler broke on this program"

    def send(self, message: dict[str, Any], files: Sequence[int] = ()) -> None:
        try:
            socket.send_fds(self.control, [json.dumps(message).encode()], list(files))
        except OSError as error:
            raise Broken(f"the runner does not listen: {error}") from None

    def receive(self) -> dict[str, Any]:
        """One message of the runner. Raises Broken."""
        try:
            message = json.loads(self.packet())
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise Broken("the runner sent something that is no message")
        return message

    def packet(self) -> bytes:
        try:
            packet = self.control.recv(PACKET, socket.MSG_DONTWAIT)
        except OSError as error:
            raise Broken(f"the runner is gone: {error}") from None
        if not packet:
            raise Broken("the runner is gone")
        return packet

    def wait(self, seconds: float) -> None:
        """Until the runner says something; Broken if it does not within `seconds`."""
        if not readable([self.control], seconds):
            raise Broken("the runner does not answer")

    def close(self) -> None:
        self.control.close()
        self.host.end()
        if self.group:
            self.group.end()


class HasFileno(Protocol):
    def fileno(self) -> int: ...


def readable(sources: Sequence[HasFileno | int], seconds: float) -> list[HasFileno | int]:
    """Those of `sources` that have something to read, or are at their end, within `seconds`."""
    poller = select.poll()
    numbers = {each if isinstance(each, int) else each.fileno(): each for each in sources}
    for fd in numbers:
        poller.register(fd, select.POLLIN)
    return [numbers[fd] for fd, _ in poller.poll(1000 * max(0.0, seconds))]


def number(message: dict[str, Any], name: str) -> float:
    """A finite number out of a stranger's message. Raises Broken."""
    value = message.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Broken(f"the runner's message has no number {name}")
    return value


def sealed(data: bytes) -> int:
    """A descriptor of an unnamed file holding `data`, which nobody can change any more."""
    fd = os.memfd_create("payload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
