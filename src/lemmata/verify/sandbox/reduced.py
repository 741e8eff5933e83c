"""The next rung, where namespaces are not allowed: sandlock (Landlock and seccomp, Linux 6.12).

Each sandbox hangs from a launcher process of its own, which holds sandlock's supervisor and, when
it is told to stop or this process dies, ends all that is left below it. There is no process
namespace to sweep between two tests, so every test gets a fresh sandbox, and no private file
system, so a test may write nothing but its result."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec

from lemmata.errors import EnvironmentMissing
from lemmata.verify.sandbox import bwrap, walls
from lemmata.verify.sandbox.box import Box, Broken, readable
from lemmata.verify.sandbox.launch import START_S, introduction

PROCESSES = 64


@dataclass(slots=True)
class SandlockHost:
    """The launcher. It ends what it started as soon as `leash` is closed."""

    process: subprocess.Popen[bytes]
    leash: int
    folder: str

    def end(self) -> None:
        if self.leash >= 0:
            os.close(self.leash)
            self.leash = -1
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(slots=True)
class Starting:
    """A reduced sandbox on its way up."""

    control: socket.socket
    host: SandlockHost
    deadline: float = field(default_factory=lambda: time.monotonic() + START_S)

    def fileno(self) -> int:
        return self.control.fileno()

    def finish(self) -> Box:
        """As launch.Starting.finish."""
        try:
            message, pid = introduction(self.control)
            box = Box(
                self.control, self.host, pid, int(message["landlock"]), bool(message["alone"])
            )
            box.look()
            if absent := [wall for wall in walls.REDUCED if wall not in box.walls]:
                raise Broken(f"no {', no '.join(absent)}")
        except (Broken, OSError, KeyError, TypeError, ValueError) as error:
            self.abandon()
            raise Broken(str(error)) from None
        return box

    def abandon(self) -> None:
        self.control.close()
        self.host.end()


class ReducedRung:
    """Knows how to start sandlock sandboxes. `why` says why the full rung is out of reach."""

    name: walls.Rung = "reduced"

    def __init__(self, why: str, toolchain: bool) -> None:
        self.why, self.toolchain = why, toolchain
        self.walls: tuple[str, ...] = ()

    def level(self) -> walls.Level:
        from sandlock import __version__ as version

        return walls.Level(
            "reduced", f"sandlock {version}", self.walls,
            (("namespaces", self.why), ("file system of its own", "needs namespaces")),
        )  # fmt: skip

    def start(self) -> Starting:
        folder = tempfile.mkdtemp(prefix="lemmata-sandbox-")
        for name in ("scratch", "box", "box/out"):
            os.mkdir(f"{folder}/{name}")
        shutil.copytree(bwrap.INSIDE, f"{folder}/lemmata/inside")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        leash_end, leash = os.pipe2(os.O_CLOEXEC)
        try:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "lemmata.verify.sandbox.reduced_launcher",
                 self._spec(folder), str(leash_end)],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[leash_end], start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(leash_end)
            theirs.close()
        return Starting(ours, SandlockHost(process, leash, folder))

    def _spec(self, folder: str) -> str:
        places = (f"{folder}/scratch", f"{folder}/box/out", f"{folder}/box", "bare")
        return json.dumps({
            "command": bwrap.runner_command(*places),
            "policy": {
                "fs_readable": [*(path for path, _ in bwrap.visible(self.toolchain)), folder]
                + [f"/dev/{name}" for name in bwrap.DEVICES],
                "fs_writable": [f"{folder}/box", f"{folder}/scratch", "/dev/null"],
                "clean_env": True,
                "env": {**bwrap.ENVIRONMENT, "PYTHONPATH": f"{folder}/lemmata"},
                "max_processes": PROCESSES,
                "no_coredump": True,
                "cwd": f"{folder}/scratch",
            },
        })  # fmt: skip

    def close(self) -> None:
        """Nothing is held between two sandboxes."""


def probe(why: str, toolchain: bool = False) -> ReducedRung:
    """The rung, after one sandbox really came up. Raises EnvironmentMissing with the reason."""
    mend = "Run on Linux with user namespaces (best) or on Linux 6.12 or later with `sandlock`."
    if reason := walls.unsupported_platform():
        raise EnvironmentMissing(f"no sandbox here: {reason}", mend)
    if find_spec("sandlock") is None:
        raise EnvironmentMissing(f"no sandbox here: {why}; sandlock is not installed", mend)
    rung = ReducedRung(why, toolchain)
    starting = rung.start()
    try:
        readable([starting], START_S)
        box = starting.finish()
    except Broken as broken:
        raise EnvironmentMissing(f"no sandbox here: {why}; sandlock: {broken}", mend) from None
    rung.walls = box.walls
    box.close()
    return rung
