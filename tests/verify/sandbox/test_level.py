"""The ladder: full, reduced, refusal; each says what it is, and none is reached silently."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

import pytest

from lemmata.errors import EnvironmentMissing
from lemmata.verify import Limits, Stdio, judge
from lemmata.verify.sandbox import bwrap, launch, level, open_sandbox, reduced, usage, walls

NO_SANDLOCK = "lemmata.verify.sandbox.reduced.find_spec"


@pytest.fixture
def without_bwrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bwrap, "candidates", list)


def test_the_full_rung_has_every_wall() -> None:
    achieved = level()
    assert achieved.rung == "full"
    assert set(walls.FULL) <= set(achieved.walls)
    assert achieved.by.startswith("bubblewrap ")
    assert "full" in achieved.line()
    assert all(why for _, why in achieved.missing)


def test_a_sandbox_that_lacks_a_promised_wall_is_not_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walls, "FULL", (*walls.FULL, "moat"))
    with pytest.raises(EnvironmentMissing, match="no moat"):
        launch.probe()


def test_without_namespaces_the_reduced_rung_says_so(
    without_bwrap: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), open_sandbox(size=1) as sandbox:
        assert sandbox.level.rung == "reduced"
        assert ("namespaces", "no namespaces: bubblewrap is not installed") in sandbox.level.missing
        assert "reduced sandbox" in caplog.text
        tests = [Stdio("2", "4"), Stdio("3", "7")]
        judged = judge("print(int(input()) * 2)", tests, sandbox=sandbox)
        assert [outcome.verdict for outcome in judged.tests] == ["AC", "WA"]
        assert judged.isolation == "reduced"
    assert level().rung == "reduced"


def test_the_reduced_rung_can_be_refused(without_bwrap: None) -> None:
    with pytest.raises(EnvironmentMissing, match="bubblewrap is not installed"):
        open_sandbox(least="full")


def test_below_the_reduced_rung_is_refusal(
    without_bwrap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reduced, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentMissing, match="sandlock is not installed") as refusal:
        open_sandbox()
    assert "user namespaces" in refusal.value.mend
    assert level().rung == "none"
    assert level().line().startswith("none: ")


def test_other_systems_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls.sys, "platform", "darwin")  # type: ignore[attr-defined]
    with pytest.raises(EnvironmentMissing, match="darwin"):
        open_sandbox()


REDUCED_ATTACKS = {
    "the machine's files": "open({canary!r})",
    "writing in the work folder": "open('made', 'w')",
    "writing in /tmp": "open('/tmp/lemmata-made', 'w')",
    "/proc": "import os; os.listdir('/proc')",
    "the network": "import socket; socket.create_connection(('127.0.0.1', {port}), 1)",
    "datagrams": "import socket\n  s = socket.socket(2, 2); s.sendto(b'x', ('127.0.0.1', {port}))",
    "a signal to the judge": "import os; os.kill({pid}, 0)",
    "a namespace": "import os, ctypes\n  if ctypes.CDLL(None).unshare(0x10000000): raise OSError",
}


@pytest.mark.parametrize("name", REDUCED_ATTACKS)
def test_the_reduced_rung_holds(
    name: str, without_bwrap: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    canary = tmp_path_factory.mktemp("bait") / "canary"
    canary.write_text("secret")
    attack = REDUCED_ATTACKS[name].format(canary=str(canary), port=9, pid=os.getpid())
    program = f"try:\n  {attack}\n  print('breached')\nexcept OSError as error:\n  print('held')"
    with open_sandbox(size=1) as sandbox:
        run = sandbox.run(program, limits=Limits(time_s=2))
    assert (run.status, run.stdout) == ("OK", b"held\n"), run


def test_the_reduced_rung_ends_daemons_and_floods(without_bwrap: None) -> None:
    before = set(usage.family(os.getpid())[0])
    daemon = (
        "import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(99)\n"
    )
    with open_sandbox(size=1) as sandbox:
        run = sandbox.run(daemon + "print(os.getpid())", limits=Limits(time_s=2))
        assert run.status == "OK"
        limits = Limits(time_s=0.5, wall_s=2, processes=16)
        assert sandbox.run("import os\nwhile 1: os.fork()", limits=limits).status != "OK"
    assert set(usage.family(os.getpid())[0]) <= before


def test_levels_read_well() -> None:
    full = walls.Level("full", "bubblewrap 1", ("seccomp",), (("landlock", "old kernel"),))
    assert full.line() == "full (bubblewrap 1): seccomp; no landlock (old kernel)"
    assert replace(full, missing=()).line() == "full (bubblewrap 1): seccomp"
