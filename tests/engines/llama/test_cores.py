"""How many threads a context gets while others decode beside it."""

from __future__ import annotations

import threading

import pytest

from lemmata.engines.llama.calls import Cores
from lemmata.engines.llama.protocol import BASE, AdapterKey


def test_who_is_alone_has_all_threads_and_who_comes_later_the_rest():
    cores, one, two = Cores(4), object(), object()
    assert cores.free(one) == 4
    cores.use(one, 3)
    assert (cores.free(one), cores.free(two)) == (4, 1)
    cores.use(two, 1)
    assert (cores.free(one), cores.free(two)) == (3, 1)
    cores.rest(one)
    cores.rest(one)
    assert cores.free(two) == 4


def test_one_thread_is_always_left():
    cores, one, two = Cores(1), object(), object()
    cores.use(one, 1)
    assert cores.free(two) == 1


@pytest.mark.parametrize("end", ["answer", "cancel"])
def test_threads_are_kept_between_calls_and_given_back_at_the_end(bench, end):
    b = bench(threads=2)
    cores, other = b.scheduler._calls._cores, object()
    b.submit(1, "tell", max_tokens=20)
    b.step()
    b.step()
    assert cores.free(other) < 2
    if end == "cancel":
        b.take(b.scheduler.cancel(1))
    b.run()
    assert cores.free(other) == 2


def test_what_grows_out_of_a_context_leaves_its_threads(bench):
    b = bench(threads=2, cells=96, elsewhere=512)
    b.submit(1, "tell", b.keys[0], max_tokens=200)
    while not (surplus := b.scheduler.surplus()):
        b.step()
    assert b.scheduler._calls._cores.free(object()) == 2
    surplus[0].close()


def test_a_forgotten_adapter_is_in_force_nowhere(bench):
    b = bench()
    key: AdapterKey = b.keys[0]
    b.submit(1, "tell", key)
    b.run()
    b.scheduler.forget(b.keys[1].sha256)
    assert b.scheduler._calls._in_force == key.sha256
    b.scheduler.forget(key.sha256)
    assert b.scheduler._calls._in_force is None
    b.submit(2, "tell", BASE)
    b.run()


def test_no_adapter_comes_or_goes_while_a_graph_is_planned(bench):
    """libllama walks over its adapters then; a call that plans nothing waits for nobody."""
    b = bench()
    b.submit(1, "tell", b.keys[0], max_tokens=30)
    while 1 not in b.first_step:
        b.step()
    with b.residents.roll.changing():
        b.step()  # nothing changed
        b.submit(2, "tell", b.keys[1])
        other = threading.Thread(target=b.run)
        other.start()
        other.join(0.3)
        assert other.is_alive()
        assert 2 not in b.first_step
    other.join(60)
    assert set(b.last) == {1, 2}


def test_a_change_is_planned_once(bench):
    b = bench()
    b.submit(1, "tell", b.keys[0])
    b.run()
    b.scheduler.forget(b.keys[0].sha256)
    calls = b.scheduler._calls
    assert calls._replan, "the base is in force, and not planned yet"
    b.submit(2, "tell")
    b.step()
    assert not calls._replan
    b.run()
