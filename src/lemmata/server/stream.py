"""Answering a generation as server-sent events, in chunks shaped by the route that asks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

from fastapi import Request

from lemmata.engines.base import Delta
from lemmata.errors import LemmataError
from lemmata.server import errors
from lemmata.server.generate import Choice, Generation
from lemmata.server.sse import DONE, EventStream, event, until_gone
from lemmata.server.writer import Writer
from lemmata.solve.think import Split

Shape = Callable[[Choice, Split], list[dict[str, Any]]]
"""The `choices` entries for what a piece added; several where one entry cannot say it all."""


async def answer(
    request: Request,
    generation: Generation,
    writer: Writer,
    kind: str,
    shape: Shape,
    opening: list[dict[str, Any]],
    usage: bool,
) -> EventStream:
    """Wait for the first piece, so that a refusal still has its status, then stream.

    Raises what the writer raises before its first piece.
    """
    deltas = generation.start(writer)
    try:
        first = await until_gone(request, anext(deltas))
    except BaseException:
        await deltas.aclose()
        raise
    chunks = _Chunks(generation, kind, usage)
    return EventStream(_events(generation, first, deltas, chunks, shape, opening))


class _Chunks:
    """The frame that every chunk of one answer shares."""

    def __init__(self, generation: Generation, kind: str, usage: bool) -> None:
        self._generation = generation
        self._usage = usage
        self._frame = {
            "id": generation.id,
            "object": kind,
            "created": generation.created,
            "model": generation.model,
        }

    def of(self, choice: dict[str, Any]) -> bytes:
        tail = {"usage": None} if self._usage else {}
        return event({**self._frame, "choices": [choice], **tail})

    def last(self) -> bytes:
        """The usage, where it was asked for."""
        if not self._usage:
            return b""
        return event({**self._frame, "choices": [], "usage": self._generation.usage()})


async def _events(
    generation: Generation,
    first: Delta,
    deltas: AsyncGenerator[Delta, None],
    chunks: _Chunks,
    shape: Shape,
    opening: list[dict[str, Any]],
) -> AsyncGenerator[bytes, None]:
    try:
        for entry in opening:
            yield chunks.of(entry)
        async for delta in _chain(first, deltas):
            choice, added = generation.feed(delta)
            for entry in shape(choice, added):
                yield chunks.of(entry)
        yield chunks.last()
        yield DONE
    except LemmataError as error:
        # The status has been sent: an error event is what is left.
        yield event(errors.of(error))
    finally:
        await deltas.aclose()


async def _chain(first: Delta, rest: AsyncGenerator[Delta, None]) -> AsyncGenerator[Delta, None]:
    yield first
    async for delta in rest:
        yield delta
