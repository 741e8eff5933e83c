"""One step's pieces wake each event loop once, and reach who waits for them."""

from __future__ import annotations

import asyncio
import threading

from lemmata.engines.llama.protocol import Piece
from lemmata.engines.llama.streams import Streams


def step(*numbers):
    return [(number, Piece(number, f"{number}", 1)) for number in numbers]


def test_one_wake_up_brings_all_pieces_of_a_step(monkeypatch):
    async def scenario():
        streams, loop = Streams(), asyncio.get_running_loop()
        wakes, real = [], loop.call_soon_threadsafe
        monkeypatch.setattr(
            loop, "call_soon_threadsafe", lambda *call: (wakes.append(1), real(*call))
        )
        several, one = streams.open([1, 2]), streams.open([3])
        thread = threading.Thread(target=streams.put, args=(step(1, 2, 3, 99, 1),))
        thread.start()
        got = [(await several.get()).id for _ in range(3)] + [(await one.get()).id]
        thread.join()
        assert got == [1, 2, 1, 3]
        assert len(wakes) == 1
        streams.close([1, 2, 3])
        assert streams.numbers() == []

    asyncio.run(scenario())


def test_two_loops_each_get_theirs():
    streams, found = Streams(), {}
    ready = threading.Barrier(3)

    def waits(number):
        async def scenario():
            queue = streams.open([number])
            await asyncio.to_thread(ready.wait)
            found[number] = (await queue.get()).text

        asyncio.run(scenario())

    threads = [threading.Thread(target=waits, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    ready.wait()
    streams.put(step(2, 1))
    for thread in threads:
        thread.join()
    assert found == {1: "1", 2: "2"}


def test_a_closed_loop_is_forgotten_and_the_others_are_served():
    streams = Streams()

    async def opens(number):
        return streams.open([number])

    asyncio.run(opens(1))

    async def scenario():
        queue = streams.open([2])
        streams.put(step(1, 2))
        assert (await queue.get()).id == 2
        assert streams.numbers() == [2]

    asyncio.run(scenario())
