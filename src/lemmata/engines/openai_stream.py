"""One request on its way through a server: one call, or several where its thinking is closed.

A server that streams token ids lets us watch them: when the thinking budget is spent, or the
thinking only repeats itself, the call is broken off (which ends it at vLLM) and another begins
behind the closed thought. The prefix cache makes that cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import httpx

from lemmata.engines.base import Delta, Request
from lemmata.engines.openai_body import CHAT, TEXT, Body, watched
from lemmata.engines.openai_chunk import Chunk
from lemmata.engines.openai_wire import explain, lines_of, unreachable
from lemmata.engines.text import StopText
from lemmata.engines.thinking import CLOSING, OPEN, Thinking, loops
from lemmata.errors import LemmataError, Unsupported

Put = Callable[[Delta | LemmataError], Awaitable[None]]
Tokenize = Callable[[str], Awaitable[list[int]]]


class Answer:
    """`ids` is the prompt where its tokens are known, which a watched request needs."""

    def __init__(self, request: Request, body: Body, ids: Sequence[int], tokenize: Tokenize):
        self._request, self._body, self._ids, self._tokenize = request, body, list(ids), tokenize
        self._watched = watched(request)
        self._stops = StopText(request.sampling.stop if self._watched else ())
        self._written: list[int] = []
        self._thinking = Thinking(request.thinking_budget, inside=False)
        self._chunk = self._fresh()
        self.begun = False

    def _fresh(self) -> Chunk:
        return Chunk(self._request.id, len(self._ids), self._request.sampling.logprobs)

    async def run(
        self, client: httpx.AsyncClient, put: Put, open_thought: bool, until: float | None
    ) -> None:
        """Put every piece; the answer ends at `until`, of the loop's clock. Raises what the server
        refuses before the first one, and EngineDied."""
        self._thinking.inside = open_thought
        try:
            async with asyncio.timeout_at(until):
                while await self._call(client, put):
                    pass
        except TimeoutError:
            await put(self._chunk.cut("length", "deadline", self._stops.finish()))

    async def _call(self, client: httpx.AsyncClient, put: Put) -> bool:
        """One call to the server; whether another has to follow."""
        path = CHAT if "messages" in self._body else TEXT
        self._chunk = self._fresh()
        try:
            async with client.stream("POST", path, json=self._next_body()) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise explain(answer)
                async for line in lines_of(answer):
                    delta = self._chunk.feed(line)
                    self.begun = self.begun or delta is not None
                    if self._watched:
                        if (again := await self._watch(delta, put)) is not None:
                            return again
                    elif delta is not None:
                        await put(delta)
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        last = self._chunk.finish()
        await put(replace(last, text=self._stops.finish() + last.text))
        return False

    def _next_body(self) -> Body:
        if not self._watched:
            return self._body
        body = {key: value for key, value in self._body.items() if key != "stop"}
        limit = self._body["max_tokens"] - len(self._written)
        prompt = [*self._ids, *self._written]
        return body | {"prompt": prompt, "max_tokens": limit, "return_token_ids": True}

    async def _watch(self, delta: Delta | None, put: Put) -> bool | None:
        """Hand on a piece of a watched stream. None: go on; else the call is over, and whether
        another has to follow."""
        if delta is None:
            return None
        new = self._chunk.tokens
        if not new:
            raise Unsupported("this server tells no token ids", "Use vLLM 0.12 or later.")
        self._chunk.tokens = []
        self._written += new
        self._feed(delta.text, len(new))
        shown = self._stops.feed(delta.text)
        await put(replace(delta, text=shown))
        if self._stops.stopped:
            await put(self._chunk.cut("stop"))
            return False
        return None if self._chunk.ended else await self._interrupt(put)

    def _feed(self, text: str, tokens: int) -> None:
        self._thinking.feed(text)
        for _ in range(tokens - 1):
            self._thinking.feed("")

    async def _interrupt(self, put: Put) -> bool | None:
        looping = self._request.stop_loops and _loops(self._written)
        if self._thinking.spent or (looping and self._thinking.inside):
            return await self._close_thinking(put)
        if looping:
            await put(self._chunk.cut("length", "loop", self._stops.finish()))
            return False
        return None

    async def _close_thinking(self, put: Put) -> bool:
        """Write the end of the thought for the model, as far as there is room."""
        room = int(self._body["max_tokens"]) - len(self._written)
        closing = (await self._tokenize(CLOSING))[: max(room - 1, 0)]
        self._written += closing
        self._feed(CLOSING, 1)
        text = self._stops.feed(CLOSING) if closing else ""
        self._chunk.tokens = []
        piece = self._chunk.cut(None, text=text)
        if room <= 1:
            await put(replace(piece, finish_reason="length", ended_by="tokens"))
            return False
        await put(replace(piece, tokens=piece.tokens + len(closing)))
        return True


def _loops(tokens: list[int]) -> bool:
    """`loops` looks at every 16th length only, which a chunk of several tokens may step over."""
    whole = len(tokens) - len(tokens) % 16
    return loops(tokens[:whole])


def leaves_open(text: str) -> bool:
    """Whether a prompt leaves <think> open for the model."""
    return text.rstrip().endswith(OPEN)
