"""Many look at once; who changes is alone, and is not kept waiting by those who come later."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from lemmata.engines.llama.roll import Roll


def test_two_look_at_once():
    roll, both = Roll(), threading.Barrier(2)

    def look():
        with roll.looking():
            both.wait(60)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(look) for _ in range(2)]:
            done.result()


def test_a_change_waits_for_those_who_look_and_comes_before_later_ones():
    roll, order = Roll(), []

    def change():
        with roll.changing():
            order.append("change")

    def look():
        with roll.looking():
            order.append("look")

    with roll.looking():
        changer = threading.Thread(target=change)
        changer.start()
        while not roll._waiting:
            changer.join(0.001)
        looker = threading.Thread(target=look)
        looker.start()
        looker.join(0.2)
        assert order == []
    changer.join(60)
    looker.join(60)
    assert order == ["change", "look"]


def test_nobody_looks_while_it_changes():
    roll, inside, worst = Roll(), [0], [0]

    def work(number):
        for _ in range(300):
            if number % 2:
                with roll.changing():
                    worst[0] = max(worst[0], inside[0])
                    inside[0] += 10
                    inside[0] -= 10
            else:
                with roll.looking():
                    inside[0] += 0
                    assert inside[0] < 10

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, number) for number in range(4)]:
            done.result()
    assert worst == [0]
