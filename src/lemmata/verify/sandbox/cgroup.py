"""Limits that the kernel keeps for a whole sandbox at once, where part of the cgroup v2 tree is
ours.

Without such a part (the usual case outside a systemd user session or a delegated service) memory is
held by an address-space limit for each process and by looking at all of them every few
milliseconds."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

NEEDED = ("memory", "pids")
ROOT = Path("/sys/fs/cgroup")
GONE_S = 2.0
_numbers = count()


@dataclass(frozen=True, slots=True)
class Tree:
    """A directory of the cgroup v2 tree in which we may make groups."""

    path: Path

    def group(self) -> Group:
        """A fresh, empty group. Raises OSError."""
        path = self.path / f"lemmata-{os.getpid()}-{next(_numbers)}"
        path.mkdir()
        return Group(path)


@dataclass(frozen=True, slots=True)
class Group:
    """One sandbox's group."""

    path: Path

    def admit(self, *pids: int) -> None:
        """Move processes in; all they fork from now on is in too. Raises OSError."""
        for pid in pids:
            (self.path / "cgroup.procs").write_text(str(pid))

    def limit(self, memory: int, tasks: int) -> None:
        """Bytes, without swap, and processes with their threads. Raises OSError."""
        (self.path / "memory.max").write_text(str(memory))
        (self.path / "pids.max").write_text(str(tasks))
        with suppress(FileNotFoundError):  # a kernel without swap
            (self.path / "memory.swap.max").write_text("0")

    def starved(self) -> bool:
        """Whether the kernel had to kill in here for want of memory."""
        lines = (self.path / "memory.events").read_text().splitlines()
        return any(line.startswith("oom_kill ") and line != "oom_kill 0" for line in lines)

    def end(self) -> None:
        """Kill what is left and remove the group."""
        with suppress(FileNotFoundError):  # cgroup.kill: Linux 5.14
            (self.path / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + GONE_S
        while self.path.exists() and time.monotonic() < deadline:
            try:
                self.path.rmdir()
            except OSError:  # its last process is still on its way out
                time.sleep(0.001)


def delegated() -> Tree | str:
    """The nearest part of the tree that is ours to divide, or why there is none."""
    own = [line[3:] for line in _read("/proc/self/cgroup").splitlines() if line.startswith("0::")]
    if not own or not (ROOT / "cgroup.controllers").exists():
        return "cgroup v2 is not mounted at /sys/fs/cgroup"
    here = ROOT / own[0].lstrip("/")
    for path in (here, *here.parents):
        if not path.is_relative_to(ROOT):
            break
        enabled = _read(path / "cgroup.subtree_control").split()
        if all(name in enabled for name in NEEDED) and _ours(path):
            return Tree(path)
    return "no part of the cgroup tree with memory and pids is delegated to us"


def _ours(path: Path) -> bool:
    """A user may write there only if someone gave it away; root must look for systemd's mark."""
    if os.geteuid() != 0:
        return os.access(path, os.W_OK) and os.access(path / "cgroup.procs", os.W_OK)
    return any(_marked(each) for each in (path, *path.parents) if each.is_relative_to(ROOT))


def _marked(path: Path) -> bool:
    for name in ("user.delegate", "trusted.delegate"):
        with suppress(OSError):
            if os.getxattr(path, name) == b"1":
                return True
    return False


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
