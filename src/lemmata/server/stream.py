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
    chunks = _Chunks(generation, kind, usage, shape)
    return EventStream(_events(chunks, opening, first, deltas))


class _Chunks:
    """A generation's pieces as events; every chunk of one answer shares a frame."""

    def __init__(self, generation: Generation, kind: str, usage: bool, shape: Shape) -> None:
        self._generation = generation
        self._usage = usage
        self._shape = shape
        self._frame = {
            "id": generation.id,
            "object": kind,
            "created": generation.created,
            "model": generation.model,
        }
        self._tail = {"usage": None} if usage else {}

    def of(self, entries: list[dict[str, Any]]) -> bytes:
        return b"".join(
            event({**self._frame, "choices": [entry], **self._tail}) for entry in entries
        )

    def adding(self, delta: Delta) -> bytes:
        """What a piece adds; b"" while it may still turn out to be a tag."""
        return self.of(self._shape(*self._generation.feed(delta)))

    def last(self) -> bytes:
        """The usage, where it was asked for, and the end."""
        if not self._usage:
            return DONE
        return event({**self._frame, "choices": [], "usage": self._generation.usage()}) + DONE


async def _events(
    chunks: _Chunks,
    opening: list[dict[str, Any]],
    first: Delta,
    deltas: AsyncGenerator[Delta, None],
) -> AsyncGenerator[bytes, None]:
    """Each item is sent by itself, so what comes together is one item."""
    try:
        yield chunks.of(opening) + chunks.adding(first)
        async for delta in deltas:
            if chunk := chunks.adding(delta):
                yield chunk
        yield chunks.last()
    except LemmataError as error:
        # The status has been sent: an error event is what is left.
        yield event(errors.of(error))
    finally:
        await deltas.aclose()
