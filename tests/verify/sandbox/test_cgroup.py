"""Groups of the cgroup v2 tree, on a real one where root may make some."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from lemmata.verify.sandbox import cgroup


def mounted() -> Path | None:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return next((Path(line.split()[1]) for line in lines if line.split()[2] == "cgroup2"), None)


def test_delegation_is_found_or_its_absence_explained() -> None:
    found = cgroup.delegated()
    if isinstance(found, cgroup.Tree):
        assert os.access(found.path, os.W_OK)
    else:
        assert "cgroup" in found


@pytest.mark.skipif(os.geteuid() != 0 or not mounted(), reason="needs root and cgroup v2")
def test_a_group_holds_its_processes_and_ends_them_all() -> None:
    tree = mounted()
    assert tree is not None
    group = cgroup.Tree(tree).group()
    sleeper = subprocess.Popen(["sh", "-c", "read _; sleep 60 & sleep 60"], stdin=subprocess.PIPE)
    group.admit(sleeper.pid)
    assert sleeper.stdin is not None
    sleeper.stdin.write(b"\n")
    sleeper.stdin.close()
    procs = group.path / "cgroup.procs"
    deadline = time.monotonic() + 10
    while len(procs.read_text().split()) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(procs.read_text().split()) >= 3
    group.end()
    assert not group.path.exists()
    assert sleeper.wait() == -9


def test_limits_and_starvation_are_the_files_of_the_kernel(tmp_path: Path) -> None:
    for name in ("memory.max", "pids.max", "memory.swap.max"):
        (tmp_path / name).touch()
    group = cgroup.Group(tmp_path)
    group.limit(64 << 20, 34)
    assert (tmp_path / "memory.max").read_text() == str(64 << 20)
    assert (tmp_path / "pids.max").read_text() == "34"
    (tmp_path / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert not group.starved()
    (tmp_path / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    assert group.starved()
