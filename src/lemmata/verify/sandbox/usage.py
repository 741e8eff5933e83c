"""How much a sandbox uses now, read from /proc outside it: nothing inside can hide or stop this."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in bytes (shared pages once), tasks (threads of all processes)."""

    memory: int
    tasks: int


def below(root: int, suspect: int) -> Usage:
    """Usage of `root` and all its descendants. Pages shared after a fork are first counted in each
    process, which is cheap; only a sum above `suspect` bytes is counted again exactly."""
    pids, tasks = _family(root)
    rough = sum(_own_pages(pid) for pid in pids) * PAGE
    memory = rough if rough <= suspect else sum(_proportional(pid) for pid in pids)
    return Usage(memory, tasks)


def _family(root: int) -> tuple[list[int], int]:
    pids, tasks = [root], 0
    for pid in pids:  # grows while it is walked
        for task in _listed(f"/proc/{pid}/task"):
            tasks += 1
            pids += [int(child) for child in _text(f"/proc/{pid}/task/{task}/children").split()]
    return pids, tasks


def _own_pages(pid: int) -> int:
    fields = _text(f"/proc/{pid}/statm").split()
    return int(fields[1]) - int(fields[2]) if fields else 0


def _proportional(pid: int) -> int:
    """Anonymous and shared-memory pages, each divided by the number of its users."""
    wanted = ("Pss_Anon:", "Pss_Shmem:")
    lines = _text(f"/proc/{pid}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(wanted))


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
