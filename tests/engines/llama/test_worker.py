"""A context's thread: what it is told, in order, and whom it hands requests on to."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from lemmata.engines.base import GREEDY
from lemmata.engines.llama.protocol import BASE, Cancel, Quit, Submit, Unload
from lemmata.engines.llama.worker import Worker
from lemmata.errors import AdapterRefused

from .near_ties import same


class Told:
    """What workers report, waited for."""

    def __init__(self):
        self.texts, self.ends, self._change = {}, {}, threading.Condition()

    def __call__(self, brought):
        with self._change:
            for item in brought:
                self.texts.setdefault(item.id, []).extend(t.token for t in item.logprobs)
                if item.finish_reason:
                    assert item.id not in self.ends, "answered twice"
                    self.ends[item.id] = item.finish_reason
            self._change.notify_all()

    def wait(self, ready):
        with self._change:
            assert self._change.wait_for(ready, 60)


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def running():
    """Run a worker's method on a thread of its own, which ends with Quit."""
    begun = []

    def run(worker, method, *arguments):
        thread = threading.Thread(target=method, args=arguments)
        thread.start()
        begun.append((worker, thread))

    yield run
    for worker, thread in begun:
        worker.put(Quit())
        thread.join(60)
        assert not thread.is_alive()


def submit(b, number, prompt, key=BASE, length=8):
    sampling = replace(GREEDY, max_tokens=length, logprobs=2)
    return Submit(number, tuple(b.ids(prompt)), key, sampling)


def test_orders_are_obeyed_in_their_order(bench, told, running):
    b = bench()
    worker = Worker(b.residents, told)
    worker.put(submit(b, 1, "for ever", length=200))
    worker.put(Cancel(1))
    worker.put(submit(b, 2, "tell"))
    running(worker, worker.run, b.scheduler)
    told.wait(lambda: len(told.ends) == 2)
    assert told.ends == {1: "cancelled", 2: "length"}
    assert same(told.texts[2], bench().alone("tell"))


def test_an_unloaded_adapter_serves_who_asked_before_and_then_leaves_the_memory(
    bench, told, running
):
    b = bench(resident=5)
    key = b.keys[0]
    worker = Worker(b.residents, told)
    worker.put(submit(b, 1, "tell", key, 30))
    b.residents.unload(key.sha256)
    with pytest.raises(AdapterRefused):
        worker.put(submit(b, 2, "tell", key))
    known = b.residents.in_memory()
    running(worker, worker.run, b.scheduler)
    told.wait(lambda: 1 in told.ends)
    assert same(told.texts[1], bench().alone("tell", key, max_tokens=30))
    worker.put(Unload(key.sha256))
    worker.put(submit(b, 3, "tell"))  # it is obeyed when this is answered
    told.wait(lambda: 3 in told.ends)
    assert b.residents.in_memory() == known - 1


def test_where_no_context_can_be_had_the_other_serves(bench, told, running):
    b = bench()
    first = Worker(b.residents, told)
    beside = Worker(b.residents, told, first)
    for order in (Cancel(7), submit(b, 1, "tell", b.keys[1]), Cancel(1), submit(b, 2, "tell")):
        beside.put(order)
    assert beside.wanted()
    running(first, first.run, b.scheduler)
    running(beside, beside.pass_on)
    told.wait(lambda: len(told.ends) == 2)
    assert told.ends == {1: "cancelled", 2: "length"}


def test_nobody_makes_a_context_that_is_not_wanted(bench, told):
    beside = Worker(bench().residents, told)
    beside.put(Quit())
    assert not beside.wanted()


def test_a_request_that_was_handed_on_can_be_cancelled(bench, told, running):
    large, small = bench(), bench(cells=96, elsewhere=512)
    first = Worker(large.residents, told)
    beside = Worker(large.residents, told, first)
    beside.put(submit(large, 1, "tell me all about it", length=200))
    running(first, first.run, large.scheduler)
    running(beside, beside.run, small.scheduler)
    told.wait(lambda: len(told.texts.get(1, ())) > 100)
    beside.put(Cancel(1))
    told.wait(lambda: 1 in told.ends)
    assert told.ends[1] in {"cancelled", "length"}
    assert small.scheduler.idle


def test_whatever_it_does_is_seen_by_the_watchdog(bench, told, running):
    """A grammar that is being read can hang as a decode call can."""
    b = bench()
    worker, entered, leave = Worker(b.residents, told), threading.Event(), threading.Event()

    def hang(command):
        entered.set()
        assert leave.wait(60)

    b.scheduler.submit = hang
    assert worker.since is None
    worker.put(submit(b, 1, "x"))
    running(worker, worker.run, b.scheduler)
    assert entered.wait(60)
    assert worker.since is not None
    leave.set()
    while worker.since is not None:
        time.sleep(0.001)
