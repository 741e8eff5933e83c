"""The pool of killable workers: it answers, it limits, it recovers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from lemmata.verify.expression import Node, num, sym
from lemmata.verify.pool import Pool, WorkerLost
from lemmata.verify.scalar import encode

EASY = {"a": "\\frac{1}{2}", "b": "0.5"}


def pair(left: Node, right: Node) -> dict[str, Any]:
    return {"left": encode(left), "right": encode(right)}


STUCK = pair(Node("pow", (num(7), Node("pow", (num(7), num(12))))), num(1))


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(size=2)
    yield made
    made.close()


def test_it_answers(pool: Pool) -> None:
    assert pool.ask(EASY) == {"equal": True}
    assert pool.ask({"a": "\\frac{1}{2}", "b": "0.6"}) == {"equal": False}


def test_what_it_cannot_read_is_undecided(pool: Pool) -> None:
    assert "undecided" in pool.ask({"a": "`rm`", "b": "1"})
    assert "undecided" in pool.ask({"a": "\\input{x}", "b": "1"})


def test_a_stuck_worker_is_killed_and_replaced(pool: Pool) -> None:
    start = time.monotonic()
    with pytest.raises(WorkerLost):
        pool.ask(STUCK, cpu_s=0.5)
    assert time.monotonic() - start < 15
    assert pool.ask(EASY) == {"equal": True}


def test_memory_is_limited() -> None:
    """A worker that may not even hold the algebra system never answers."""
    tiny = Pool(size=1, spare=0, memory_mib=64)
    with pytest.raises(WorkerLost):
        tiny.ask(EASY)
    tiny.close()


def test_a_worker_that_dies_is_replaced(pool: Pool) -> None:
    pool.ask(EASY)
    for worker in pool._idle:
        os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        pool.ask(EASY)
    assert pool.ask(EASY) == {"equal": True}


def test_a_closed_pool_leaves_no_process() -> None:
    pool = Pool(size=1)
    pool.ask(EASY)
    pids = [worker.pid for worker in pool._idle]
    pool.close()
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_trees_are_built_without_text(pool: Pool) -> None:
    name = sym("__import__('os').getpid()")
    assert pool.ask(pair(Node("add", (name, name)), Node("mul", (num(2), name)))) == {"equal": True}


def test_a_forked_child_has_a_pool_of_its_own() -> None:
    from lemmata.verify import pool as module

    parents = module.shared()
    parents.ask(EASY)
    child = os.fork()
    if child == 0:
        os._exit(0 if module._pool is None and parents in module._inherited else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert parents.ask(EASY) == {"equal": True}
