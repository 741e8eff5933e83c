"""From the reader's thread to the event loop that waits for a request's pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lemmata.engines.llama.protocol import Piece
from lemmata.errors import LemmataError

Item = Piece | LemmataError


class Streams:
    """Which queue, in which event loop, wants the pieces of a request number."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Queue[Item]]] = {}

    def open(self, numbers: Iterable[int]) -> asyncio.Queue[Item]:
        """One queue for all of them, in the running loop."""
        queue: asyncio.Queue[Item] = asyncio.Queue()
        for number in numbers:
            self._open[number] = (asyncio.get_running_loop(), queue)
        return queue

    def numbers(self) -> list[int]:
        return list(self._open)

    def put(self, number: int, item: Item) -> None:
        """From any thread. What nobody waits for any more is dropped."""
        stream = self._open.get(number)
        if stream is None:
            return
        loop, queue = stream
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:  # the loop was closed with the request still open
            self._open.pop(number, None)

    def close(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._open.pop(number, None)
