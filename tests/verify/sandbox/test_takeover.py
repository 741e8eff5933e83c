"""A submission that took over its own runner: here the runner itself is the attacker, from the
start.

Each attack is a runner that plays along until it is given tests, then lies. It must get no verdict
that its outputs do not earn, learn nothing, and cost the parent neither time nor memory."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lemmata.verify import Call, Judgement, Limits, Stdio, judge
from lemmata.verify.sandbox import bwrap, open_sandbox

LIMITS = Limits(time_s=1, wall_s=1.5, output_kib=256)
DONE = '{"op": "done", "exit": 0, "signal": 0, "cpu": 0.0, "rss": 1, "dirty": False, "result": %s}'

Attack = Callable[[str], Judgement]


@pytest.fixture
def attack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attack]:
    """Judge with a runner whose `run` is replaced by the given body."""

    def launch(body: str) -> Judgement:
        inside = tmp_path / "inside"
        shutil.copytree(bwrap.INSIDE, inside, ignore=shutil.ignore_patterns("__pycache__"))
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        evil = f"\n\ndef evil(self, order, packet, files):\n{lines}\n\nRunner.run = evil\n"
        with (inside / "runner.py").open("a") as runner:
            runner.write(evil)
        tmp_path.chmod(0o755)
        monkeypatch.setattr(bwrap, "INSIDE", inside)
        bwrap.visible.cache_clear()
        with open_sandbox(size=2, least="full") as sandbox:
            tests = [Stdio(f"input {n}", f"secret answer {n}") for n in (1, 2)]
            return judge("pass", [*tests, Call("f", (), "secret")], LIMITS, sandbox=sandbox)

    yield launch
    bwrap.visible.cache_clear()


def say(result: str = "-1", **changes: str) -> str:
    """Statements that send a `done`, with `changes` to its fields."""
    message = DONE % result
    return f"message = {message}\nmessage.update({changes!r})\nself.say(message)"


def test_it_cannot_claim_success(attack: Attack) -> None:
    judged = attack(say())
    assert [outcome.verdict for outcome in judged.tests] == ["WA", "WA", "RE"]


def test_it_cannot_claim_a_result(attack: Attack) -> None:
    judged = attack(say("8") + "\nself.control.sendall(b'=\"wrong\"')")
    assert [outcome.verdict for outcome in judged.tests] == ["WA", "WA", "WA"]


def test_it_hears_no_answer_and_no_test_to_come(attack: Attack) -> None:
    judged = attack(
        """
heard = repr(order).encode() + b"|".join(child.read_all(fd) for fd in files[:1])
self.heard = getattr(self, "heard", b"") + heard
os.write(files[1], self.heard)
"""
        + say()
    )
    first, second = judged.tests[0].stdout, judged.tests[1].stdout
    assert "input 1" in first
    assert "input 2" not in first
    assert "input 1" in second
    assert "input 2" in second
    assert "secret" not in first + second


@pytest.mark.parametrize(
    "body",
    [
        "self.control.sendall(b'not a message')",
        "self.control.sendall(b'[1]')",
        "self.control.sendall(b'[' * 60000)",
        "self.say({'op': 'done'})",
        "os._exit(0)",
        "os.kill(os.getpid(), 9)",
        "self.control.close()",
        say(cpu="much"),
        say(exit="1"),
        'self.control.sendall(b\'{"exit": 1e999, "signal": 0, "cpu": NaN, "rss": 0}\')',
        say("10**15"),
        say("10**5"),
        "while True: self.control.sendall(b'{}')",
    ],
)
def test_nonsense_costs_it_the_test(attack: Attack, body: str) -> None:
    judged = attack(body)
    assert {outcome.verdict for outcome in judged.tests} <= {"RE", "TLE", "OLE"}


def test_silence_costs_it_the_limit_and_no_more(attack: Attack) -> None:
    started = time.monotonic()
    judged = attack("while True: pass")
    assert {outcome.verdict for outcome in judged.tests} == {"TLE"}
    assert time.monotonic() - started < 60


def test_a_flood_from_it_is_cut(attack: Attack) -> None:
    judged = attack("while True: os.write(files[1], b'x' * 65536)")
    assert {outcome.verdict for outcome in judged.tests} == {"OLE"}


def test_a_right_answer_given_by_a_taken_runner_is_still_only_that_answer(attack: Attack) -> None:
    judged = attack("os.write(files[1], b'secret answer 1')\n" + say())
    assert [outcome.verdict for outcome in judged.tests] == ["AC", "WA", "RE"]
