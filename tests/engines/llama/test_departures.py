"""Finished requests leave the cells between steps, and are of use before they do."""

from __future__ import annotations

import threading

import pytest

from lemmata.engines.llama import departures

from .near_ties import same
from .test_scheduler import LONG


@pytest.fixture
def slow(monkeypatch):
    """Memory that the system hands out only when it is told to."""
    gate, real = threading.Event(), departures.fresh

    def fresh(size):
        assert gate.wait(60)
        return real(size)

    monkeypatch.setattr(departures, "fresh", fresh)
    yield gate
    gate.set()


def test_an_answer_ends_before_it_is_copied(bench, slow):
    b = bench()
    b.submit(1, LONG, max_tokens=4)
    while 1 not in b.last:
        b.step()
    assert not b.scheduler.settle(), "nobody waits for the memory"
    assert (b.scheduler.leaving, b.scheduler.idle) == (1, True)
    held = b.scheduler.kv_used
    assert held > 0
    slow.set()
    b.settle()
    assert (b.scheduler.leaving, b.scheduler.kv_used) == (0, 0)
    assert len(b.scheduler._prefixes) == 1


def test_others_go_on_meanwhile(bench, slow):
    b = bench()
    b.submit(1, LONG, max_tokens=4)
    b.submit(2, "other", max_tokens=40)
    while 2 not in b.last:
        b.step()
    assert 1 in b.last
    assert b.scheduler.leaving


def test_who_begins_alike_shares_the_cells_meanwhile(bench, slow):
    b = bench()
    b.submit(1, LONG, b.keys[0], max_tokens=12)
    while 1 not in b.last:
        b.step()
    follow = [*b.ids(LONG), *b.tokens[1], *b.ids(" and then")]
    b.submit(2, follow, b.keys[0], max_tokens=12)
    b.submit(3, follow, b.keys[1], max_tokens=12)
    while len(b.last) < 3:
        b.step()
    assert b.last[2].cached >= len(b.ids(LONG)) + 11
    assert b.last[3].cached == 0, "never from another adapter"
    slow.set()
    b.settle()
    assert b.scheduler.kv_used == 0
    assert same(b.tokens[2], bench().alone(follow, b.keys[0], max_tokens=12))
    assert same(b.tokens[3], bench().alone(follow, b.keys[1], max_tokens=12))


def test_cells_that_are_needed_are_waited_for(bench):
    b = bench(cells=256, context=200)
    for number in range(6):
        b.submit(number, f"{number} {LONG}"[:150], max_tokens=20)
    b.run()
    assert b.scheduler.kv_used == 0
    for number in range(6):
        assert same(b.tokens[number], bench().alone(f"{number} {LONG}"[:150], max_tokens=20))
