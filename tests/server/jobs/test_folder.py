"""A job's process: how it ends is known whoever looks, and whenever."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from lemmata.errors import BadInput
from lemmata.server.jobs.folder import Folder
from lemmata.server.jobs.follow import Lines


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def begun(folder: Path, program: str) -> Folder:
    job = Folder(folder)
    with job.beginning() as lock:
        job.begin(lock, [sys.executable, "-c", program], dict(os.environ))
    return job


@pytest.mark.parametrize(
    ("program", "state"),
    [
        ("print('[1, 2]')", "done"),
        ("exit(1)", "no"),
        ("exit(3)", "failed"),
        ("exit(130)", "stopped"),
    ],
)
def test_how_a_command_ended(tmp_path: Path, program: str, state: str) -> None:
    job = begun(tmp_path / "job", program)
    until(lambda: job.state()[0] != "running")
    assert job.state()[0] == state
    assert job.output() == ([1, 2] if state == "done" else None)


WAITS = """
import sys, time
try:
    print("working", file=sys.stderr, flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("saved")
    sys.exit(130)
"""


def test_a_stop_is_a_ctrl_c_and_may_come_at_any_time(tmp_path: Path) -> None:
    job = begun(tmp_path / "job", WAITS)
    until(lambda: job.log() == ["working"])
    assert job.state() == ("running", None)
    with pytest.raises(BadInput, match="running"), job.beginning():
        pass
    assert job.log() == ["working"]
    assert job.stop()
    until(lambda: job.state()[0] != "running")
    assert job.state()[0] == "stopped"
    assert job.output() == "saved\n"
    early = begun(tmp_path / "early", WAITS)
    early.stop()
    until(lambda: early.state()[0] != "running")
    # Python itself may not have been up yet, and then it has no word for it.
    assert early.state()[0] in {"stopped", "failed", "no"}


def test_it_belongs_to_nobody_and_its_loss_is_seen(tmp_path: Path) -> None:
    others = set(psutil.Process().children())
    job = begun(tmp_path / "job", WAITS)
    until(lambda: job.log() == ["working"])
    watcher = job._process()
    assert watcher is not None
    assert watcher.ppid() != os.getpid()
    child = watcher.children()[0]
    watcher.kill()
    until(lambda: job.state()[0] != "running")
    assert job.state()[0] == "lost"
    child.kill()
    assert set(psutil.Process().children()) <= others


def test_it_runs_from_the_moment_that_it_begins(tmp_path: Path) -> None:
    """Whoever looks in between would write down that it is lost."""
    job = Folder(tmp_path / "job")
    with job.beginning():
        assert job.state() == ("running", None)
        assert not job.stop()
    assert job.state() == ("lost", None)


def test_a_log_is_followed_line_by_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = Lines(after=1)
    assert lines.fresh(path) == []
    path.write_text('{"a": 0}\n{"a": 1}\n{"a"', encoding="utf-8")
    assert lines.fresh(path) == [(1, {"a": 1})]
    with path.open("a") as file:
        file.write(": 2}\n")
    assert lines.fresh(path) == [(2, {"a": 2})]
    assert lines.fresh(path) == []
    path.write_text('{"a": 0}\n{"b": 1}\n', encoding="utf-8")
    assert lines.fresh(path) == [(1, {"b": 1})]


def test_a_line_that_a_power_cut_has_spoilt_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"a": 0}\n\0\0\0\0\n{"c"\n{"d": 3}\n')
    assert Lines().fresh(path) == [(0, {"a": 0}), (3, {"d": 3})]
