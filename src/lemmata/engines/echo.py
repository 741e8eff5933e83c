"""An engine without a model, for tests and for the docs: it answers with the prompt's last words.

Deterministic, and with everything the contract asks: a token is one UTF-8 byte, an adapter marks
the answer with its name (and its strength), a seed above greedy turns the letters. It follows no
grammar.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import random
from collections.abc import AsyncGenerator, Sequence

from lemmata.engines.base import Delta, Health, Request, Sampling, TokenLogprob
from lemmata.engines.requests import ABILITIES, adapter_of, check_asked, check_prompt
from lemmata.engines.thinking import CLOSE
from lemmata.engines.writing import Tokens, Writing
from lemmata.errors import EngineDied
from lemmata.prompts.render import ChatTemplate
from lemmata.types import AdapterRef, Message

_TEMPLATE = ChatTemplate(
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
_OPEN = "assistant: "
_ABLE = frozenset(ABILITIES) - {"grammar", "json_schema"}
_END = 256
"""The token after the last byte."""
_SAME, _OTHER = math.log(0.5), math.log(0.5 / 255)
"""Every byte is equally likely, except that a byte is often followed by itself."""


def _bytes_of(text: str) -> list[int]:
    return list(text.encode())


def _piece(token: int) -> bytes:
    return bytes([token]) if token < _END else b""


_BYTES = Tokens(_piece, _bytes_of, frozenset({_END}))


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
        for request in requests:
            check_asked(request, "the echo engine", _ABLE)
        answers = {request.id: self._answer(request) for request in requests}
        self._active += len(answers)
        try:
            while answers:
                for number, answer in list(answers.items()):
                    self._check_open()
                    await asyncio.sleep(self._pause)
                    delta = answer.next()
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
        check_prompt(tokens, self._context, request.sampling, vocabulary=256)
        text = bytes(tokens).decode(errors="replace").removesuffix(_OPEN).strip()
        said = text.rsplit("user: ", 1)[-1].strip() or "…"
        turned = _turned(_mark(request) + said, request.sampling)
        room = self._context - len(tokens)
        limit = min(request.sampling.max_tokens or room, room)
        return _Answer(turned, tokens[-1], Writing(request, tokens, limit, _BYTES))

    def _tokens(self, request: Request) -> list[int]:
        prompt = request.prompt
        if isinstance(prompt, str):
            return self.tokenize(prompt)
        messages = [part for part in prompt if isinstance(part, Message)]
        return self.prompt_ids(messages) if messages else [n for n in prompt if isinstance(n, int)]

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        self._check_open()
        if adapter is not None:
            adapter_of(adapter, self._adapters)
        check_prompt(tokens, self._context + 1, vocabulary=256)
        return [_likely(a, b) for a, b in itertools.pairwise(tokens)]

    def tokenize(self, text: str) -> list[int]:
        return _bytes_of(text)

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


def _mark(request: Request) -> str:
    if request.adapter is None:
        return ""
    strength = "" if request.strength == 1 else f"*{request.strength:g}"
    return f"[{request.adapter}{strength}] "


def _turned(text: str, sampling: Sampling) -> str:
    """Above greedy, the letters' case is drawn with the seed."""
    if sampling.greedy:
        return text
    draw = random.Random(sampling.seed)  # noqa: S311 - no secret
    return "".join(char.upper() if draw.random() < 0.5 else char.lower() for char in text)


def _likely(before: int, token: int) -> float:
    return _SAME if before == token else _OTHER


class _Answer:
    """A text under way: `text` is what it says if nobody stops it, `before` the token before it."""

    def __init__(self, text: str, before: int, writing: Writing) -> None:
        self._before, self._writing = before, writing
        self._bytes = list(text.encode())
        self._closed = False

    def next(self) -> Delta:
        if self._writing.overdue:
            return self._writing.late()
        token = self._bytes.pop(0) if self._bytes else _END
        delta = self._writing.take(token, self._told(token))
        self._before = token
        if self._writing.closed and not self._closed:
            self._closed = True
            _, own, rest = bytes(self._bytes).partition(CLOSE.encode())
            self._bytes = list(rest) if own else self._bytes
        return delta

    def _told(self, token: int) -> tuple[TokenLogprob, ...]:
        top = self._writing.request.sampling.logprobs
        if top is None or token == _END:
            return ()
        others = (byte for byte in range(256) if byte != self._before)
        likeliest = itertools.islice(itertools.chain([self._before], others), top)
        best = tuple((byte, _shown(byte), _likely(self._before, byte)) for byte in likeliest)
        return (TokenLogprob(token, _shown(token), _likely(self._before, token), best),)


def _shown(token: int) -> str:
    return bytes([token]).decode("utf-8", "replace")
