"""The pool of killable workers: it answers, it limits, it recovers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from lemmata.verify import scalar
from lemmata.verify.expression import Node, num, sym
from lemmata.verify.pool import Pool, WorkerLost
from lemmata.verify.scalar import encode

EASY = {"a": "\\frac{1}{2}", "b": "0.5"}


def pair(left: Node, right: Node) -> dict[str, Any]:
    return {"left": encode(left), "right": encode(right)}


def ask(pool: Pool, task: dict[str, Any], cpu_s: float = 20, wall_s: float = 120) -> Any:
    reply = pool.ask(task, cpu_s, wall_s)
    assert reply.pop("took_s") >= 0
    return reply


STUCK = pair(Node("pow", (num(7), Node("pow", (num(7), num(12))))), num(1))


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(size=2)
    yield made
    made.close()


def test_it_answers(pool: Pool) -> None:
    assert ask(pool, EASY) == {"equal": True}
    assert ask(pool, {"a": "\\frac{1}{2}", "b": "0.6"}) == {"equal": False}


def test_what_it_cannot_read_is_undecided(pool: Pool) -> None:
    assert "undecided" in ask(pool, {"a": "`rm`", "b": "1"})
    assert "undecided" in ask(pool, {"a": "\\input{x}", "b": "1"})


def test_a_stuck_worker_is_killed_and_replaced(pool: Pool) -> None:
    start = time.monotonic()
    with pytest.raises(WorkerLost):
        ask(pool, STUCK, cpu_s=0.5)
    assert time.monotonic() - start < 15
    assert ask(pool, EASY) == {"equal": True}


def test_one_that_waits_is_given_up_by_the_clock(pool: Pool) -> None:
    with pytest.raises(WorkerLost, match="too long"):
        ask(pool, STUCK, cpu_s=100, wall_s=0.5)
    assert ask(pool, EASY) == {"equal": True}


def test_all_that_one_verdict_asks_is_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of hard pairs costs no more than one of them."""
    asked = []

    class Slow:
        def ask(self, task: object, cpu_s: float, wall_s: float) -> dict[str, Any]:
            asked.append((cpu_s, wall_s))
            return {"undecided": "hard", "took_s": 2.0}

    monkeypatch.setattr(scalar, "WALL_S", 3.0)
    monkeypatch.setattr(scalar, "shared", Slow)
    scalar.allow()
    reasons = [scalar.by_algebra_system({}).reason for _ in range(3)]
    assert asked == [(2.5, 3.0), (1.0, 1.0)]
    assert reasons[2] == "no time left for the algebra system"


def test_memory_is_limited() -> None:
    """A worker that may not even hold the algebra system never answers."""
    tiny = Pool(size=1, spare=0, memory_mib=64)
    with pytest.raises(WorkerLost):
        ask(tiny, EASY)
    tiny.close()


def test_a_worker_that_dies_is_replaced(pool: Pool) -> None:
    ask(pool, EASY)
    for worker in pool._idle:
        os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        ask(pool, EASY)
    assert ask(pool, EASY) == {"equal": True}


def test_a_closed_pool_leaves_no_process() -> None:
    pool = Pool(size=1)
    ask(pool, EASY)
    pids = [worker.pid for worker in pool._idle]
    pool.close()
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_trees_are_built_without_text(pool: Pool) -> None:
    name = sym("__import__('os').getpid()")
    assert ask(pool, pair(Node("add", (name, name)), Node("mul", (num(2), name)))) == {
        "equal": True
    }


def test_a_forked_child_has_a_pool_of_its_own() -> None:
    from lemmata.verify import pool as module

    parents = module.shared()
    ask(parents, EASY)
    child = os.fork()
    if child == 0:
        os._exit(0 if module._pool is None and parents in module._inherited else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ask(parents, EASY) == {"equal": True}
