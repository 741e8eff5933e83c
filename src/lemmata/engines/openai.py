"""Any OpenAI-compatible server as an engine; with vLLM, adapters come and go while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Self

import httpx

from lemmata.engines.base import Delta, Health, Request
from lemmata.engines.openai_adapters import LARGEST_RANK, Adapters
from lemmata.engines.openai_body import body_of, check, messages_of, plain, watched
from lemmata.engines.openai_pool import TIMEOUT, Pools, tls
from lemmata.engines.openai_server import Server, look, serves
from lemmata.engines.openai_stream import Answer, leaves_open
from lemmata.engines.openai_wire import said, unreachable
from lemmata.engines.pulse import BEAT_S, Pulse
from lemmata.engines.requests import check_asked, check_sampling
from lemmata.engines.thinking import OPEN
from lemmata.errors import BadInput, ContextOverflow, EngineDied, LemmataError
from lemmata.types import AdapterRef, Message


class OpenAIEngine:
    """Use `connect`. A request may name an adapter loaded through `load_adapter`, or one of
    `served`: those that the server had of itself."""

    def __init__(
        self,
        client: httpx.Client,
        server: Server,
        name: str = "openai",
        largest_rank: int = LARGEST_RANK,
        beat_s: float = BEAT_S,
    ) -> None:
        self._sync, self._server, self._kind = client, server, name
        self._pools = Pools(client)
        self._adapters = Adapters(server, largest_rank)
        self._active = 0
        self._pulse = Pulse(self._answers, beat_s)

    @classmethod
    def connect(cls, url: str, key: str | None = None, beat_s: float = BEAT_S) -> Self:
        """Ask the server at `url` (with or without /v1) what it serves; `url#MODEL` means that one
        of its models, else it is the first. Raises EngineDied where it does not answer,
        UnknownModel where it does not serve it."""
        address, _, model = url.partition("#")
        client = client_of(address, key)
        try:
            return cls(client, look(client, address, model), beat_s=beat_s)
        except httpx.HTTPError as error:
            client.close()
            raise unreachable(error) from error
        except LemmataError:
            client.close()
            raise

    @property
    def served(self) -> frozenset[str]:
        """Names of the adapters that the server had of itself."""
        return frozenset(self._server.served)

    # Requests

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        for request in requests:
            self._check(request)
        queue: asyncio.Queue[Delta | LemmataError] = asyncio.Queue()
        client = await self._pools.client()
        self._active += len(requests)
        tasks = [asyncio.create_task(self._answer(client, queue, r)) for r in requests]
        try:
            open_ids = {request.id for request in requests}
            while open_ids:
                item = await queue.get()
                if isinstance(item, LemmataError):
                    raise item
                if item.finish_reason is not None:
                    open_ids.discard(item.request_id)
                yield item
        finally:
            self._active -= len(requests)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _check(self, request: Request) -> None:
        """Raises what can be known before anything is sent."""
        if not request.prompt:
            raise BadInput("the prompt is empty", "Give a prompt.")
        check_sampling(request.sampling)
        self._adapters.model_of(request.adapter)
        check_asked(request, self._server.name, self._server.able)
        check(request, self._server)

    async def _answer(
        self,
        client: httpx.AsyncClient,
        queue: asyncio.Queue[Delta | LemmataError],
        request: Request,
    ) -> None:
        """Put every piece of the answer into the queue, or the error."""
        patience = request.deadline_s
        until = None if patience is None else asyncio.get_running_loop().time() + patience
        try:
            async with asyncio.timeout_at(until):
                ids = await self._ids(client, request)
                answer = await self._begin(client, request, ids)
                in_thought = await self._in_thought(client, request, ids)
            try:
                await answer.run(client, queue.put, in_thought, until)
            except ContextOverflow:
                if answer.begun or ids is not None or not self._server.is_vllm:
                    raise
                await self._again(client, queue, request, until)
        except TimeoutError:  # before the first piece
            await queue.put(Delta(request.id, "", 0, 0, "length", "deadline"))
        except httpx.HTTPError as error:
            self._pulse.lost()
            await queue.put(unreachable(error))
        except LemmataError as error:
            if isinstance(error, EngineDied):
                self._pulse.lost()
            await queue.put(error)

    async def _again(
        self,
        client: httpx.AsyncClient,
        queue: asyncio.Queue[Delta | LemmataError],
        request: Request,
        until: float | None,
    ) -> None:
        """vLLM refuses a `max_tokens` that cannot be reached, with a bound in place of the prompt's
        length. Count the tokens, and ask for what there is room for."""
        async with asyncio.timeout_at(until):
            ids = await self._tokens(client, {"messages": plain(messages_of(request))})
        answer = await self._begin(client, request, ids)
        await answer.run(client, queue.put, False, until)

    async def _ids(self, client: httpx.AsyncClient, request: Request) -> list[int] | None:
        """The prompt's tokens, where they are given or have to be known: text, since vLLM would
        add special tokens to it, and what is watched. None: messages, or text for others."""
        messages = messages_of(request)
        if not isinstance(request.prompt, str) and not messages:
            return [part for part in request.prompt if isinstance(part, int)]
        if not self._server.is_vllm or (messages and not watched(request)):
            return None
        if isinstance(request.prompt, str):
            return await self._tokens(client, _text(request.prompt))
        return await self._tokens(client, {"messages": plain(messages)})

    async def _begin(
        self, client: httpx.AsyncClient, request: Request, ids: list[int] | None
    ) -> Answer:
        """Raises ContextOverflow where the prompt's tokens are known to be too many."""
        body = body_of(request, self._server, self._adapters.model_of(request.adapter), ids)
        context = self._server.context
        if ids is not None and context:
            if len(ids) >= context:
                raise ContextOverflow(len(ids), context)
            room = context - len(ids)
            body["max_tokens"] = min(request.sampling.max_tokens or room, room)

        async def tokenize(text: str) -> list[int]:
            return await self._tokens(client, _text(text))

        return Answer(request, body, ids or (), tokenize)

    async def _in_thought(
        self, client: httpx.AsyncClient, request: Request, ids: list[int] | None
    ) -> bool:
        """Whether the prompt leaves <think> open for the model."""
        if not watched(request) or ids is None:
            return False
        if isinstance(request.prompt, str):
            return leaves_open(request.prompt)
        tag = await self._tokens(client, _text(OPEN))
        tail = ids[-len(tag) - 2 :]
        return any(tail[at : at + len(tag)] == tag for at in range(len(tail) - len(tag) + 1))

    # Tokens

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        if not tokens:
            raise BadInput("the prompt is empty", "Give a prompt.")
        model = self._adapters.model_of(adapter)
        if len(tokens) == 1:
            return []
        body = {"model": model, "prompt": list(tokens), "max_tokens": 1, "prompt_logprobs": 0}
        answer = await _post(await self._pools.client(), "/v1/completions", body)
        told = answer["choices"][0].get("prompt_logprobs")
        if told is None:
            raise BadInput("this server gives no prompt_logprobs", "Use vLLM, or a local model.")
        pairs = zip(tokens[1:], told[1:], strict=True)
        return [float(entry[str(token)]["logprob"]) for token, entry in pairs]

    def tokenize(self, text: str) -> list[int]:
        return self._tokens_now(_text(text))

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self._tokens_now({"messages": plain(messages)})

    def _tokens_now(self, body: dict[str, Any]) -> list[int]:
        try:
            answer = self._sync.post("/tokenize", json=body | {"model": self._server.model})
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        return _tokens_of(answer)

    async def _tokens(self, client: httpx.AsyncClient, body: dict[str, Any]) -> list[int]:
        return _tokens_of(await client.post("/tokenize", json=body | {"model": self._server.model}))

    # Adapters and health

    async def load_adapter(self, ref: AdapterRef) -> None:
        await asyncio.to_thread(self._adapters.load, self._sync, ref)

    async def unload_adapter(self, name: str) -> None:
        self._adapters.get(name)
        await asyncio.to_thread(self._adapters.unload, self._sync, name)

    def adapters(self) -> tuple[AdapterRef, ...]:
        return self._adapters.all()

    def health(self) -> Health:
        server = self._server
        return Health(self._pulse.up, self._kind, server.model, server.context, self._active, 0)

    def _answers(self, back: bool) -> bool:
        """Whether the server serves our model; after it was away, with our adapters again."""
        try:
            if not serves(self._sync, self._server):
                return False
        except (httpx.HTTPError, LemmataError, RuntimeError):  # RuntimeError: closed meanwhile
            return False
        return self._adapters.missing(self._sync) if back else True

    async def close(self) -> None:
        self._pulse.close()
        await self._pools.close()
        self._sync.close()


def client_of(url: str, key: str | None = None) -> httpx.Client:
    """For the server at `url`, with or without /v1."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    base = url.rstrip("/").removesuffix("/v1")
    return httpx.Client(base_url=base, headers=headers, timeout=TIMEOUT, verify=tls())


def _text(text: str) -> dict[str, Any]:
    return {"prompt": text, "add_special_tokens": False}


def _tokens_of(answer: httpx.Response) -> list[int]:
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise BadInput("this server does not give token ids", "Use vLLM, or a local model.")
    return [int(token) for token in said(answer)["tokens"]]


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return said(await client.post(path, json=body))
    except httpx.HTTPError as error:
        raise unreachable(error) from error
