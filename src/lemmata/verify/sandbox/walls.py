"""Which walls stand round a process: read from the kernel, from outside, before it gets any code.

A sandbox that lacks a wall which its rung promises is never handed out.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Rung = Literal["full", "reduced", "none"]
NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")


@dataclass(frozen=True, slots=True)
class Level:
    """What this machine achieves. `missing` pairs each absent wall with the reason."""

    rung: Rung
    by: str
    """The tool that builds the walls, with its version; empty on the lowest rung."""
    walls: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()

    def line(self) -> str:
        """One line for a person."""
        if self.rung == "none":
            return "none: " + "; ".join(f"{wall}: {why}" for wall, why in self.missing)
        absent = "".join(f"; no {wall} ({why})" for wall, why in self.missing)
        return f"{self.rung} ({self.by}): {', '.join(self.walls)}{absent}"


def standing(pid: int, landlock_abi: int) -> tuple[str, ...]:
    """The walls round process `pid`, as the kernel shows them. Raises OSError if it is gone or may
    not be looked at."""
    walls = [
        f"{name} namespace"
        for name in NAMESPACES
        if os.readlink(f"/proc/{pid}/ns/{name}") != os.readlink(f"/proc/self/ns/{name}")
    ]
    status = status_of(pid)
    if status["Seccomp"] == "2":
        walls.append("seccomp")
    if status["NoNewPrivs"] == "1":
        walls.append("no new privileges")
    if int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapBnd"], 16) == 0:
        walls.append("no capabilities")
    if landlock_abi:
        walls.append(f"landlock (ABI {landlock_abi})")
    return tuple(walls)


def status_of(pid: int) -> dict[str, str]:
    """/proc/PID/status as a mapping."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def limits_of(pid: int) -> tuple[int, int]:
    """The hard limits of `pid` that a submission sets: address space in bytes, tasks; -1 for none.
    Raises OSError."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    hard = {line[:26].strip(): line[26:].split()[1] for line in lines[1:]}
    space, tasks = hard["Max address space"], hard["Max processes"]
    return (-1 if space == "unlimited" else int(space), -1 if tasks == "unlimited" else int(tasks))


FULL = (*(f"{name} namespace" for name in NAMESPACES), "seccomp", "no new privileges",
        "no capabilities")  # fmt: skip
REDUCED = ("seccomp", "no new privileges")


def unsupported_platform() -> str:
    """Why this operating system has no sandbox at all; empty on Linux."""
    if sys.platform == "linux":
        return ""
    return f"{sys.platform} has no namespaces, seccomp or Landlock; use Linux, a VM or WSL 2"
