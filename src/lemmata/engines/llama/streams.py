"""From the reader's thread to the event loop that waits for a request's pieces."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from lemmata.engines.llama.protocol import Piece
from lemmata.errors import LemmataError

Item = Piece | LemmataError
Inbox = asyncio.Queue[Item]


class Streams:
    """Which queue, in which event loop, wants the pieces of a request number."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[asyncio.AbstractEventLoop, Inbox]] = {}

    def open(self, numbers: Iterable[int]) -> Inbox:
        """One queue for all of them, in the running loop."""
        queue: Inbox = asyncio.Queue()
        for number in numbers:
            self._open[number] = (asyncio.get_running_loop(), queue)
        return queue

    def numbers(self) -> list[int]:
        return list(self._open)

    def put(self, items: Iterable[tuple[int, Item]]) -> None:
        """From any thread: what one step brought, each with its request's number. A loop is woken
        once for all of it. What nobody waits for any more is dropped."""
        by_loop = defaultdict[asyncio.AbstractEventLoop, list[tuple[Inbox, Item]]](list)
        for number, item in items:
            if (stream := self._open.get(number)) is not None:
                loop, queue = stream
                by_loop[loop].append((queue, item))
        for loop, batch in by_loop.items():
            try:
                loop.call_soon_threadsafe(_deliver, batch)
            except RuntimeError:  # the loop was closed with requests still open
                self._drop(loop)

    def _drop(self, closed: asyncio.AbstractEventLoop) -> None:
        for number, (loop, _) in list(self._open.items()):
            if loop is closed:
                self._open.pop(number, None)

    def close(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._open.pop(number, None)


def _deliver(batch: list[tuple[Inbox, Item]]) -> None:
    for queue, item in batch:
        queue.put_nowait(item)
