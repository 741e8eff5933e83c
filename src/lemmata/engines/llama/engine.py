"""The embedded engine as the rest of Lemmata sees it: requests in, text out, over a child process.

The parent renders and checks requests and resolves adapter names; the child only ever hears content
hashes. If the child dies, its requests fail with EngineDied, a new one starts and gets the
adapters back.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future
from pathlib import Path

from lemmata.adapters import fingerprint, gguf_lora
from lemmata.engines.base import Delta, Health, Request, Sampling
from lemmata.engines.llama.names import Names
from lemmata.engines.llama.options import Options
from lemmata.engines.llama.process import Process
from lemmata.engines.llama.protocol import (
    BASE,
    AdapterKey,
    Cancel,
    Event,
    Failure,
    Load,
    Open,
    Piece,
    Pieces,
    Reply,
    Score,
    Submit,
    Tokenize,
    Unload,
)
from lemmata.engines.llama.streams import Streams
from lemmata.engines.requests import ABILITIES, check_asked, check_prompt
from lemmata.errors import BadInput, EngineDied, LemmataError, NotReady
from lemmata.models import gguf_read
from lemmata.prompts.render import ChatTemplate
from lemmata.types import AdapterRef, Message

Prompt = tuple[Message, ...] | str | tuple[int, ...]

LARGEST_TEXT = 1 << 19
"""Characters. Cutting a text takes seconds a million, and the child's pings wait for it."""
MOST_RESTARTS = 5
"""Without one finished request between them."""


class LlamaEngine:
    """Serve the model in `gguf`. `base` is its hub id ("" for unknown), for checking adapters;
    `cache` holds converted adapters. Raises ModelRefused. Blocks until the model is loaded."""

    def __init__(self, gguf: Path, name: str, base: str, cache: Path, options: Options) -> None:
        self._gguf, self._name, self._base, self._cache = gguf, name, base, cache
        header = fingerprint.header(gguf)
        self._template = ChatTemplate(*gguf_read.chat_source(header))
        self._opening = Open(gguf, options, gguf_read.text_form(header) == "NFC")
        self._numbers = itertools.count()
        self._streams = Streams()
        self._calls: dict[int, Future[Reply]] = {}
        self._names = Names()
        self._load = Pieces((), 0, 0, 0)
        self._closed = False
        self._deaths = 0
        self._refusal: EngineDied | None = None
        self._process: Process | None = None
        self._changing = threading.Lock()
        self._start()

    @property
    def template(self) -> ChatTemplate:
        """The chat template that requests are rendered with."""
        return self._template

    @property
    def pid(self) -> int | None:
        """The child's process id; None between a crash and the restart."""
        return self._process.pid if self._process else None

    def _start(self) -> None:
        process = Process(self._opening, self._on_event, self._on_death)
        self._ready = process.ready
        # Before anybody can ask it: no request may come ahead of its adapter.
        for sha256, path in list(self._names.files.items()):
            process.send(Load(next(self._numbers), sha256, path))
        self._process = process
        process.start()

    def _child(self) -> Process:
        if self._process is not None:
            return self._process
        if self._closed:
            raise EngineDied("the engine is closed")
        if self._refusal or self._deaths > MOST_RESTARTS:
            raise self._refusal or EngineDied("the engine died too often", "Restart Lemmata.")
        raise NotReady("the engine is restarting", "Send the request again in a few seconds.")

    # Requests

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        for request in requests:
            self._key(request.adapter)
            check_asked(request, "the embedded engine", ABILITIES)
        texts = [await self._tokens(request.prompt) for request in requests]
        # From here to sending nothing else runs: a name means what it means now.
        pairs = zip(requests, texts, strict=True)
        commands = [self._command(request, tokens) for request, tokens in pairs]
        names = {
            command.id: request.id for command, request in zip(commands, requests, strict=True)
        }
        prompts = {command.id: len(command.tokens) for command in commands}
        events = self._streams.open(names)
        open_ids = set(names)
        try:
            for command in commands:
                self._child().send(command)
            while open_ids:
                event = await events.get()
                if isinstance(event, LemmataError):
                    raise event
                if event.finish_reason is not None:
                    open_ids.discard(event.id)
                yield _delta(event, names[event.id], prompts[event.id])
        finally:
            self._streams.close(names)
            self._cancel(open_ids)

    def _command(self, request: Request, tokens: Sequence[int]) -> Submit:
        key = self._key(request.adapter, request.strength)
        self._check(tokens, self._ready.context, request.sampling)
        return Submit(
            next(self._numbers),
            tuple(tokens),
            key,
            request.sampling,
            request.thinking_budget,
            request.stop_loops,
            request.deadline_s,
        )

    def _check(self, tokens: Sequence[int], context: int, sampling: Sampling | None = None) -> None:
        """libllama ends its process over a token that it does not have."""
        check_prompt(tokens, context, sampling, self._ready.vocabulary)

    async def _tokens(self, prompt: Prompt) -> Sequence[int]:
        """Waits for the child without keeping the event loop."""
        if not isinstance(prompt, str):
            messages = [turn for turn in prompt if isinstance(turn, Message)]
            if not messages:
                return [token for token in prompt if isinstance(token, int)]
            prompt = self._template.render(messages)
        reply = await asyncio.wrap_future(self._tokenize(prompt))
        return [int(value) for value in reply.values]

    def _key(self, adapter: str | None, strength: float = 1.0) -> AdapterKey:
        if adapter is None:
            return BASE
        return AdapterKey(self._names.of(adapter).sha256, strength)

    def _cancel(self, numbers: set[int]) -> None:
        for number in numbers:
            try:
                self._child().send(Cancel(number))
            except (EngineDied, NotReady):
                return

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        key = self._key(adapter)
        self._check(tokens, self._ready.context + 1)
        if len(tokens) == 1:
            return []
        number = next(self._numbers)
        reply = self._call(number, Score(number, tuple(tokens), key))
        try:
            return [float(value) for value in (await asyncio.wrap_future(reply)).values]
        finally:
            self._cancel({number} if reply.cancelled() or not reply.done() else set())

    def tokenize(self, text: str) -> list[int]:
        return [int(value) for value in self._tokenize(text).result().values]

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self.tokenize(self._template.render(messages))

    def _tokenize(self, text: str) -> Future[Reply]:
        """In the child, beside decoding: a text from anywhere meets native code only there."""
        if len(text) > LARGEST_TEXT:
            raise BadInput(
                f"the text has {len(text):,} characters, more than any context holds",
                f"Give at most {LARGEST_TEXT:,}.",
            )
        number = next(self._numbers)
        return self._call(number, Tokenize(number, text))

    def _call(self, number: int, command: Score | Tokenize | Load) -> Future[Reply]:
        future: Future[Reply] = Future()
        self._calls[number] = future
        try:
            self._child().send(command)
        except LemmataError:
            self._calls.pop(number, None)
            raise
        return future

    # Adapters

    async def load_adapter(self, ref: AdapterRef) -> None:
        gguf_lora.check_base(ref, self._base)
        path = await asyncio.to_thread(gguf_lora.convert, ref, self._gguf, self._cache)
        self._names.expect(ref, path)
        former: AdapterRef | None = ref
        try:
            number = next(self._numbers)
            await asyncio.wrap_future(self._call(number, Load(number, ref.sha256, path)))
            former = self._names.give(ref)
        finally:
            self._names.arrived(ref)
            self._forget(former)

    async def unload_adapter(self, name: str) -> None:
        self._forget(self._names.take(name))

    def _forget(self, ref: AdapterRef | None) -> None:
        """Unload weights that no name means any more."""
        if ref is None or not self._names.forget(ref):
            return
        with contextlib.suppress(EngineDied, NotReady):  # a new child never hears of it
            self._child().send(Unload(ref.sha256))

    def adapters(self) -> tuple[AdapterRef, ...]:
        return self._names.all()

    # The child

    def health(self) -> Health:
        load = self._load
        return Health(
            ready=self._process is not None,
            engine="llama",
            model=self._name,
            context=self._ready.context,
            active=load.active,
            queued=load.queued,
            kv_used=load.kv_used,
        )

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Pieces):
            self._load = event
            self._streams.put((piece.id, piece) for piece in event.pieces)
            if any(piece.finish_reason for piece in event.pieces):
                self._deaths = 0
        elif isinstance(event, Reply):
            if (call := self._wanted(event.id)) is not None:
                call.set_result(event)
        elif isinstance(event, Failure):
            self._fail(event.id, event.exception())

    def _wanted(self, number: int) -> Future[Reply] | None:
        """The call that waits for an answer; None where nobody does any more."""
        call = self._calls.pop(number, None)
        return call if call is not None and call.set_running_or_notify_cancel() else None

    def _fail(self, number: int, error: LemmataError) -> None:
        if (call := self._wanted(number)) is not None:
            call.set_exception(error)
        self._streams.put([(number, error)])

    def _on_death(self, process: Process, reason: str) -> None:
        """On the reader's thread: nobody waits for the dead, and a new child starts."""
        if process is not self._process:
            return
        self._process = None
        self._load = Pieces((), 0, 0, 0)
        error = EngineDied(f"the engine's process died ({reason})", "Send the request again.")
        if self._closed:
            error = EngineDied("the engine was closed")
        for number in (*self._calls, *self._streams.numbers()):
            self._fail(number, error)
        self._deaths += 1
        with self._changing:
            if not self._closed and self._deaths <= MOST_RESTARTS:
                self._restart()

    def _restart(self) -> None:
        try:
            self._start()
        except LemmataError as refusal:
            self._refusal = EngineDied(f"the engine did not start again: {refusal.cause}")

    async def close(self) -> None:
        with self._changing:
            self._closed = True
        if self._process is not None:
            await asyncio.to_thread(self._process.close)


def _delta(piece: Piece, request_id: str, prompt_tokens: int) -> Delta:
    return Delta(
        request_id,
        piece.text,
        piece.tokens,
        prompt_tokens,
        piece.finish_reason,
        piece.ended_by,
        piece.logprobs,
        piece.cached,
    )
