"""Requests under way side by side: started one by one, each of which can be cancelled alone.

Samples of one prompt share its key-value cells in the engine, whether they are asked for together
or one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from lemmata.engines.base import Delta, Request
from lemmata.errors import ContextOverflow, Unsupported
from lemmata.types import Message


class Writer(Protocol):
    """What solving needs of an `Engine`."""

    def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]: ...
    def tokenize(self, text: str) -> list[int]: ...
    def prompt_ids(self, messages: Sequence[Message]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class TooLong:
    """A request whose prompt does not fit the context."""

    request: Request
    error: ContextOverflow


class Flight:
    """Use within one event loop; `close` it."""

    def __init__(self, engine: Writer) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Delta | TooLong | Exception | None] = asyncio.Queue()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def open(self) -> set[str]:
        """Ids of the requests under way."""
        return set(self._tasks)

    def launch(self, request: Request) -> None:
        self._tasks[request.id] = asyncio.create_task(self._read(request))

    async def _read(self, request: Request) -> None:
        try:
            await self._stream(request)
        except Unsupported as error:
            bare = replace(request, thinking_budget=None, stop_loops=False)
            if bare == request:
                self._queue.put_nowait(error)
            else:  # a server that does not look at what it writes: `Run` does it
                await self._read(bare)
        except ContextOverflow as error:
            self._queue.put_nowait(TooLong(request, error))
        except Exception as error:  # noqa: BLE001 - raised where the deltas are awaited
            self._queue.put_nowait(error)

    async def _stream(self, request: Request) -> None:
        async with aclosing(self._engine.generate([request])) as deltas:
            async for delta in deltas:
                self._queue.put_nowait(delta)

    def wake(self) -> None:
        """Let `next` return None once. From any thread."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, None)

    async def next(self, seconds: float | None = None) -> Delta | TooLong | None:
        """The next piece of any open request, or that it is too long and therefore over; None when
        woken, or after `seconds`. Raises what the engine raised."""
        while True:
            try:
                item = await asyncio.wait_for(self._queue.get(), seconds)
            except TimeoutError:
                return None
            if isinstance(item, Exception):
                raise item
            if item is None:
                return None
            name = item.request.id if isinstance(item, TooLong) else item.request_id
            if name not in self._tasks:
                continue  # it was cancelled with this piece on its way
            if isinstance(item, TooLong) or item.finish_reason is not None:
                await self._tasks.pop(name)
            return item

    async def cancel(self, *ids: str) -> None:
        """End these requests; the engine stops on them within one step."""
        tasks = [self._tasks.pop(name) for name in ids if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.cancel(*self._tasks)
