from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from lemmata.errors import Overloaded
from lemmata.server.admission import Admission


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 5))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Customer:
    """Enters, stays until told to leave, and notes when it came in."""

    def __init__(self, door: Admission, key: str, n: int, order: list[str]) -> None:
        self._done = asyncio.Event()
        self.task = asyncio.create_task(self._visit(door, key, n, order))

    async def _visit(self, door: Admission, key: str, n: int, order: list[str]) -> None:
        async with door.admit(key, n):
            order.append(key)
            await self._done.wait()

    async def leave(self) -> None:
        self._done.set()
        await self.task


def test_no_more_than_the_slots_at_once() -> None:
    async def work() -> None:
        door, order = Admission(slots=2, waiting=9), []
        guests = [Customer(door, f"k{i}", 1, order) for i in range(4)]
        await settle()
        assert (door.active, door.waiting, order) == (2, 2, ["k0", "k1"])
        for guest in guests:
            await guest.leave()
        assert (door.active, door.waiting, order) == (0, 0, ["k0", "k1", "k2", "k3"])

    run(work)


def test_a_full_queue_turns_away_and_says_when() -> None:
    async def work() -> None:
        door, order = Admission(slots=1, waiting=1), []
        guests = [Customer(door, "a", 1, order) for _ in range(2)]
        await settle()
        with pytest.raises(Overloaded) as turned:
            async with door.admit("b", 1):
                raise AssertionError
        assert 1 <= turned.value.retry_after <= 60
        for guest in guests:
            await guest.leave()
        async with door.admit("b", 1):
            assert door.active == 1

    run(work)


def test_keys_take_turns() -> None:
    async def work() -> None:
        door, order = Admission(slots=1, waiting=99), []
        first = Customer(door, "first", 1, order)
        await settle()
        guests = [Customer(door, "greedy", 1, order) for _ in range(4)]
        await settle()
        guests += [Customer(door, "modest", 1, order)]
        await settle()
        for guest in [first, *guests]:
            guest._done.set()
        await asyncio.gather(*(guest.task for guest in guests))
        assert order[:3] == ["first", "greedy", "modest"]

    run(work)


def test_one_who_leaves_the_queue_frees_his_place() -> None:
    async def work() -> None:
        door, order = Admission(slots=1, waiting=1), []
        first = Customer(door, "a", 1, order)
        await settle()
        second = Customer(door, "b", 1, order)
        await settle()
        second.task.cancel()
        await settle()
        assert (door.active, door.waiting) == (1, 0)
        await first.leave()
        assert door.active == 0

    run(work)


def test_one_who_leaves_just_as_his_turn_comes_gives_it_on() -> None:
    async def work() -> None:
        door, order = Admission(slots=1, waiting=9), []
        first, second, third = (Customer(door, key, 1, order) for key in "abc")
        await settle()
        first._done.set()
        await asyncio.sleep(0)  # first is leaving; second has its turn and does not know it yet
        second.task.cancel()
        await settle()
        await third.leave()
        assert order[-1] == "c"
        assert (door.active, door.waiting) == (0, 0)

    run(work)


def test_more_sequences_than_slots_are_served_alone() -> None:
    async def work() -> None:
        door = Admission(slots=4, waiting=99)
        async with door.admit("a", 64):
            assert door.active == 4
        assert door.active == 0

    run(work)
