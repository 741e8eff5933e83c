"""How much a sandbox uses now, read from /proc outside it: nothing inside can hide or stop this."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_S = os.sysconf("SC_CLK_TCK")
OWN = ("RssAnon:", "RssShmem:")
SHARES = ("Pss_Anon:", "Pss_Shmem:")


INODE_BYTES = 1024
"""What the kernel keeps for a file or directory in a tmpfs, about, beyond its content."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in bytes (shared pages once), tasks (threads of all processes), and the CPU seconds of
    those that live, what they reaped included."""

    memory: int
    tasks: int
    cpu_s: float


def stored(root: int, places: Sequence[str]) -> int:
    """Bytes that the files of the tmpfs mounts `places`, as process `root` sees them, hold."""
    total = 0
    for place in places:
        with suppress(OSError):  # the sandbox is gone
            about = os.statvfs(f"/proc/{root}/root{place}")
            total += (about.f_blocks - about.f_bfree) * about.f_frsize
            total += (about.f_files - about.f_ffree) * INODE_BYTES
    return total


def below(root: int, runner: int, suspect: int) -> Usage:
    """Usage of `root` and all its descendants; the time of those below `runner`. Pages shared after
    a fork are first counted in each process, which is cheap; only a sum above `suspect` bytes is
    counted again exactly."""
    pids, tasks = family(root)
    rough = sum(_own(pid) for pid in pids)
    memory = rough if rough <= suspect else sum(_proportional(pid) for pid in pids)
    return Usage(memory, tasks, sum(_seconds(pid) for pid in pids if pid not in (root, runner)))


def family(root: int) -> tuple[list[int], int]:
    """`root` and all its descendants, parents first, and how many threads they have."""
    pids, tasks = [root], 0
    for pid in pids:  # grows while it is walked
        for task in _listed(f"/proc/{pid}/task"):
            tasks += 1
            pids += [int(child) for child in _text(f"/proc/{pid}/task/{task}/children").split()]
    return pids, tasks


def _seconds(pid: int) -> float:
    """CPU time of a process and of the children that it has reaped."""
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()  # a name may hold anything
    return sum(map(int, fields[11:15])) / TICKS_S


def _own(pid: int) -> int:
    """Bytes of anonymous and shared memory, pages that others share with it included."""
    lines = _text(f"/proc/{pid}/status").splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(OWN))


def _proportional(pid: int) -> int:
    """Anonymous and shared-memory pages, each divided by the number of its users."""
    lines = _text(f"/proc/{pid}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(SHARES))


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""  # it ended meanwhile


def _listed(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []
