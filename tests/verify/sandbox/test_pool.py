"""Sandboxes come and go: many at once, none left behind, whoever dies first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from lemmata.errors import EnvironmentMissing
from lemmata.verify.sandbox import Limits, open_sandbox, trial, usage
from lemmata.verify.sandbox.box import Broken
from lemmata.verify.sandbox.pool import Pool


def inhabited(namespaces: set[str]) -> bool:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/pid") in namespaces:
                return True
    return False


def until(condition: object, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def test_many_threads_share_one_sandbox() -> None:
    with open_sandbox(size=3) as sandbox, ThreadPoolExecutor(8) as threads:
        runs = threads.map(lambda n: sandbox.run("print(int(input()) ** 2)", str(n)), range(24))
        assert [run.stdout for run in runs] == [b"%d\n" % n**2 for n in range(24)]


def test_closing_leaves_no_process() -> None:
    before = set(usage.family(os.getpid())[0])
    sandbox = open_sandbox(size=3)
    sandbox.run("print(1)")
    sandbox.close()
    sandbox.close()
    assert set(usage.family(os.getpid())[0]) <= before


def test_closing_while_sandboxes_start_leaves_no_process() -> None:
    before = set(usage.family(os.getpid())[0])
    for pause in (0.0, 0.005, 0.01, 0.02, 0.04):
        sandbox = open_sandbox(size=3)
        time.sleep(pause)
        sandbox.close()
    assert set(usage.family(os.getpid())[0]) <= before


def test_a_parent_that_is_killed_leaves_no_sandbox() -> None:
    script = (
        "import os, time\nfrom lemmata.verify.sandbox import open_sandbox\n"
        "pool = open_sandbox(size=2).pools[False]\nboxes = [pool.take() for _ in range(2)]\n"
        "for box in boxes: print(os.readlink(f'/proc/{box.pid}/ns/pid'), flush=True)\n"
        "print('ready', flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        namespaces = set(iter(lambda: parent.stdout.readline().strip(), "ready"))
        assert inhabited(namespaces)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert until(lambda: not inhabited(namespaces))


def test_a_warm_sandbox_that_died_while_it_waited_is_replaced() -> None:
    with open_sandbox(size=1) as sandbox:
        assert until(lambda: sandbox.pools[False].ready)
        init = sandbox.pools[False].ready[0].init
        os.kill(init, signal.SIGKILL)
        assert until(lambda: not Path(f"/proc/{init}").exists())
        assert sandbox.run("print(1)").stdout == b"1\n"


def test_a_test_out_of_time_costs_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner has its grace to end the test, and then goes on with the next one."""
    monkeypatch.setattr(trial, "GRACE_S", 60.0)
    limits = Limits(time_s=1, wall_s=0.3)
    with (
        open_sandbox(size=1) as sandbox,
        sandbox.submit("import time\ntime.sleep(60)", limits=limits) as submission,
    ):
        for _ in range(2):
            assert submission.run(trial.Order("program", b"")).status == "TLE"
            assert submission.box
            assert not submission.box.spent


def test_a_fork_of_the_process_opens_its_own() -> None:
    script = (
        "import os\nfrom lemmata.verify import judge, Stdio\n"
        "assert judge('print(1)', [Stdio('', '1')]).verdict == 'AC'\n"
        "pid = os.fork()\n"
        "assert judge('print(2)', [Stdio('', '2')]).verdict == 'AC'\n"
        "if pid: assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


class Barren:
    """A way to start sandboxes that never works."""

    def start(self) -> object:
        return self

    deadline = 0.0

    def fileno(self) -> int:
        return 0

    def finish(self) -> object:
        raise Broken("no room")

    def abandon(self) -> None: ...

    def close(self) -> None: ...


def test_a_pool_that_cannot_start_any_says_why() -> None:
    pool = Pool(Barren(), 1)  # type: ignore[arg-type]
    with pytest.raises(EnvironmentMissing, match="no room"):
        pool.take()
    pool.close()


class Exhausted(Barren):
    def start(self) -> object:
        raise OSError("Resource temporarily unavailable")


def test_a_machine_without_room_for_a_process_is_named_as_the_reason() -> None:
    pool = Pool(Exhausted(), 1)  # type: ignore[arg-type]
    with pytest.raises(EnvironmentMissing, match="Resource temporarily unavailable"):
        pool.take()
    pool.close()


def test_limits_stay_with_the_parent() -> None:
    with open_sandbox(size=1) as sandbox:
        limits = Limits(time_s=0.3, wall_s=0.6)
        started = time.monotonic()
        assert sandbox.run("while True: pass", limits=limits).status == "TLE"
        assert time.monotonic() - started < 20
