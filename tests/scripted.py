"""An engine that writes what a test tells it to, at the pace the test tells it to."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Sequence

from lemmata.engines.base import Delta, Health, Request, TokenLogprob
from lemmata.errors import BadInput, ContextOverflow, EngineDied, UnknownAdapter
from lemmata.types import AdapterRef, Message

Script = Callable[[Request], str]


class ScriptedEngine:
    """One character a token. `script` gives the reply to a request; `steps` counts pieces made."""

    def __init__(
        self, script: Script | Sequence[str], delay: float = 0.0, context: int = 4096
    ) -> None:
        if callable(script):
            self._script = script
        else:
            replies = itertools.cycle(script)
            self._script = lambda _: next(replies)
        self._delay = delay
        self._context = context
        self._adapters: dict[str, AdapterRef] = {}
        self.requests: list[Request] = []
        self.steps = 0
        self.active = 0
        self.dies_after: int | None = None
        self.closed = False

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        for request in requests:
            self._check(request)
        self.requests += requests
        lanes = {r.id: (r, self._script(r), len(self._ids(r))) for r in requests}
        self.active += len(lanes)
        at = 0
        try:
            while lanes:
                for key, (request, reply, prompt) in list(lanes.items()):
                    await asyncio.sleep(self._delay)
                    limit = request.sampling.max_tokens
                    done = at >= len(reply) or at == limit
                    self.steps += 1
                    if self.dies_after is not None and self.steps > self.dies_after:
                        raise EngineDied("the engine stopped", "Send the request again.")
                    if done:
                        yield Delta(key, "", 0, prompt, "length" if at == limit else "stop")
                        del lanes[key]
                        self.active -= 1
                    else:
                        yield Delta(key, reply[at], 1, prompt, logprobs=_told(request, reply[at]))
                at += 1
        finally:
            self.active -= len(lanes)

    def _check(self, request: Request) -> None:
        if request.adapter is not None and request.adapter not in self._adapters:
            raise UnknownAdapter(f"no adapter {request.adapter!r} is loaded")
        ids = self._ids(request)
        if not ids:
            raise BadInput("the prompt is empty")
        if len(ids) >= self._context:
            raise ContextOverflow(len(ids), self._context)

    def _ids(self, request: Request) -> list[int]:
        prompt = request.prompt
        if isinstance(prompt, str):
            return self.tokenize(prompt)
        if all(isinstance(item, int) for item in prompt):
            return list(prompt)  # type: ignore[arg-type]
        return self.prompt_ids(prompt)  # type: ignore[arg-type]

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        return [-1.0] * (len(tokens) - 1)

    def tokenize(self, text: str) -> list[int]:
        return [ord(character) for character in text]

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self.tokenize("".join(f"[{m.role}]{m.content}" for m in messages) + "[assistant]")

    async def load_adapter(self, ref: AdapterRef) -> None:
        self._adapters[ref.name] = ref

    async def unload_adapter(self, name: str) -> None:
        if self._adapters.pop(name, None) is None:
            raise UnknownAdapter(f"no adapter {name!r} is loaded")

    def adapters(self) -> tuple[AdapterRef, ...]:
        return tuple(self._adapters[name] for name in sorted(self._adapters))

    def health(self) -> Health:
        return Health(not self.closed, "scripted", "scripted", self._context, self.active, 0)

    async def close(self) -> None:
        self.closed = True


def _told(request: Request, character: str) -> tuple[TokenLogprob, ...]:
    likeliest = request.sampling.logprobs
    if likeliest is None:
        return ()
    top = ((ord(character), character, -0.5), (0, "?", -1.5))[:likeliest]
    return (TokenLogprob(ord(character), character, -0.5, top),)
