"""An engine without a model, for tests and for the docs: it answers with the prompt's last words.

Deterministic, and with everything the contract asks: a token is one UTF-8 byte, an adapter marks
the answer with its name, a seed above greedy turns the letters.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import random
from collections.abc import AsyncGenerator, Sequence

from lemmata.engines.base import Delta, Health, Request, Sampling
from lemmata.engines.requests import adapter_of, check_prompt
from lemmata.engines.text import TokenText
from lemmata.errors import EngineDied
from lemmata.prompts.render import ChatTemplate
from lemmata.types import AdapterRef, Message

_TEMPLATE = ChatTemplate(
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
_OPEN = "assistant: "


class EchoEngine:
    """`context` is in tokens, which are bytes; `pause` in seconds after each token."""

    def __init__(self, context: int = 4096, pause: float = 0.0) -> None:
        self._context, self._pause = context, pause
        self._adapters: dict[str, AdapterRef] = {}
        self._active = 0
        self._closed = False

    @property
    def template(self) -> ChatTemplate:
        return _TEMPLATE

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        answers = {request.id: self._answer(request) for request in requests}
        self._active += len(answers)
        try:
            while answers:
                for number, answer in list(answers.items()):
                    self._check_open()
                    await asyncio.sleep(self._pause)
                    delta = answer.next(number)
                    if delta.finish_reason is not None:
                        del answers[number]
                        self._active -= 1
                    yield delta
        finally:
            self._active -= len(answers)

    def _answer(self, request: Request) -> _Answer:
        self._check_open()
        if request.adapter is not None:
            adapter_of(request.adapter, self._adapters)
        tokens = self._tokens(request)
        check_prompt(tokens, self._context, request.sampling)
        text = bytes(tokens).decode(errors="replace").removesuffix(_OPEN).strip()
        said = text.rsplit("user: ", 1)[-1].strip() or "…"
        marked = f"[{request.adapter}] {said}" if request.adapter else said
        raw = _turned(marked, request.sampling).encode()
        room = self._context - len(tokens)
        return _Answer(raw, len(tokens), min(request.sampling.max_tokens or room, room), request)

    def _tokens(self, request: Request) -> list[int]:
        prompt = request.prompt
        if isinstance(prompt, str):
            return self.tokenize(prompt)
        messages = [part for part in prompt if isinstance(part, Message)]
        return self.prompt_ids(messages) if messages else [n for n in prompt if isinstance(n, int)]

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        """Every byte is equally likely, except that a byte is often followed by itself."""
        self._check_open()
        if adapter is not None:
            adapter_of(adapter, self._adapters)
        check_prompt(tokens, self._context + 1)
        same, other = math.log(0.5), math.log(0.5 / 255)
        return [same if a == b else other for a, b in itertools.pairwise(tokens)]

    def tokenize(self, text: str) -> list[int]:
        return list(text.encode())

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self.tokenize(_TEMPLATE.render(messages))

    async def load_adapter(self, ref: AdapterRef) -> None:
        self._check_open()
        self._adapters[ref.name] = ref

    async def unload_adapter(self, name: str) -> None:
        del self._adapters[adapter_of(name, self._adapters).name]

    def adapters(self) -> tuple[AdapterRef, ...]:
        return tuple(ref for _, ref in sorted(self._adapters.items()))

    def health(self) -> Health:
        return Health(not self._closed, "echo", "echo", self._context, self._active, 0)

    async def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise EngineDied("the engine is closed")


def _turned(text: str, sampling: Sampling) -> str:
    """Above greedy, the letters' case is drawn with the seed."""
    if sampling.temperature <= 0:
        return text
    draw = random.Random(sampling.seed)  # noqa: S311 - no secret
    return "".join(char.upper() if draw.random() < 0.5 else char.lower() for char in text)


class _Answer:
    def __init__(self, raw: bytes, prompt_tokens: int, limit: int, request: Request) -> None:
        self._raw, self._prompt_tokens, self._limit = raw, prompt_tokens, limit
        self._text = TokenText(request.sampling.stop)
        self._at = 0

    def next(self, number: str) -> Delta:
        if self._at == len(self._raw):
            return Delta(number, self._text.finish(), 1, self._prompt_tokens, "stop")
        text = self._text.feed(self._raw[self._at : self._at + 1])
        self._at += 1
        if self._text.stopped:
            return Delta(number, text, 1, self._prompt_tokens, "stop")
        if self._at == self._limit:
            return Delta(number, text + self._text.finish(), 1, self._prompt_tokens, "length")
        return Delta(number, text, 1, self._prompt_tokens)
