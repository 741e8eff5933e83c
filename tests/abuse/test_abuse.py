"""Every attack in `cases/`, judged as a submission; see case.py for what a case says of itself."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from abuse.case import Case, every_case
from abuse.machine import SECRET, Machine, left_of
from lemmata.errors import EnvironmentMissing
from lemmata.verify import judge
from lemmata.verify.sandbox import Sandbox, open_sandbox
from lemmata.verify.sandbox.box import Box
from lemmata.verify.sandbox.pool import Pool

CASES = every_case()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    os.environ["LEMMATA_ABUSE_SECRET"] = SECRET
    with ExitStack() as stack:
        yield Machine(tmp_path_factory.mktemp("bait"), stack)
    del os.environ["LEMMATA_ABUSE_SECRET"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    try:
        opened = open_sandbox(least="full")
    except EnvironmentMissing as missing:
        pytest.skip(f"no full isolation here: {missing}")
    with opened:
        yield opened


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The process namespaces of the sandboxes that this test used, held open: the kernel gives the
    number of one that is gone to the next."""
    seen: set[str] = set()
    take = Pool.take

    with ExitStack() as stack:

        def taken(pool: Pool) -> Box:
            box = take(pool)
            name = f"/proc/{box.pid}/ns/pid"
            stack.callback(os.close, os.open(name, os.O_RDONLY | os.O_CLOEXEC))
            seen.add(os.readlink(name))
            return box

        monkeypatch.setattr(Pool, "take", taken)
        yield seen


def test_cases_are_many_and_each_proves_something_of_its_own() -> None:
    assert len(CASES) >= 80
    assert len({case.proves for case in CASES}) == len(CASES)
    assert all(case.proves.endswith(".") and case.expect for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_abuse(case: Case, sandbox: Sandbox, machine: Machine, used: set[str]) -> None:
    if case.head.get("machine", platform.machine()) != platform.machine():
        pytest.skip(f"uses the system call numbers of {case.head['machine']}")
    if case.landlock > landlock(sandbox):
        pytest.skip(f"needs Landlock ABI {case.landlock}")
    if case.language == "cpp" and not shutil.which("g++", path="/usr/bin"):
        pytest.skip("no g++ in /usr/bin")

    judgement = judge(
        case.program, case.tests(machine.facts), case.limits, case.language, sandbox=sandbox
    )

    for outcome, allowed in zip(judgement.tests, case.expect, strict=True):
        assert outcome.verdict in allowed, (outcome.verdict, outcome.reason, outcome.stdout)
        for text in (SECRET, case.head.get("absent", SECRET)):
            assert text not in outcome.stdout + outcome.stderr + judgement.complaint
        assert "breached" not in outcome.stdout
        assert outcome.wall_s < float(case.head.get("seconds", case.limits.wall + 2))
    assert machine.touched() == []
    assert used
    assert left_of(used) == []


def landlock(sandbox: Sandbox) -> int:
    """The Landlock ABI in force inside, 0 for none."""
    walls = [wall for wall in sandbox.level.walls if wall.startswith("landlock")]
    return int(walls[0].split()[-1].rstrip(")")) if walls else 0


def test_a_program_that_is_right_still_passes_afterwards(sandbox: Sandbox) -> None:
    case = Case("honest", 'print("held")', "python", "", {"expect": "AC AC"})
    assert judge(case.program, case.tests({}), case.limits, sandbox=sandbox).verdict == "AC"
