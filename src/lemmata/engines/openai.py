"""Any OpenAI-compatible server as an engine; with vLLM, adapters come and go while it runs.

Protocol: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html. An adapter is loaded
under a name made of its content hash, from its immutable folder, so that vLLM can never answer from
the prefix cache of an older adapter of the same name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Self

import httpx

from lemmata.engines.base import Delta, Health, Request, Sampling
from lemmata.engines.openai_wire import Chunk, explain, said, unreachable
from lemmata.engines.requests import adapter_of, check_sampling
from lemmata.errors import AdapterRefused, BadInput, EngineDied, LemmataError, UnknownModel
from lemmata.types import AdapterRef, Message

MAX_RANK = 64
"""The `--max-lora-rank` that we start vLLM with; its own default is 16."""
_TIMEOUT = httpx.Timeout(30.0, read=300.0)


class OpenAIEngine:
    """Use `connect`. `model` is the served base's name, `context` in tokens (0: not told).

    `served` are the adapters that the server had of itself, by the names it gives them; a request
    may name one of them, or one loaded through `load_adapter`.
    """

    def __init__(
        self, client: httpx.Client, model: str, context: int, served: frozenset[str]
    ) -> None:
        self._sync = client
        self._base_url = client.base_url
        self._headers = dict(client.headers)
        self._model, self._context = model, context
        self.served = served
        self._adapters: dict[str, AdapterRef] = {}
        self._active = 0

    @classmethod
    def connect(cls, url: str, key: str | None = None) -> Self:
        """Ask the server at `url` (with or without /v1) what it serves. Raises EngineDied where it
        does not answer, UnknownModel where it serves nothing."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        base = url.rstrip("/").removesuffix("/v1")
        client = httpx.Client(base_url=base, headers=headers, timeout=_TIMEOUT)
        try:
            served = said(client.get("/v1/models")).get("data", [])
        except httpx.HTTPError as error:
            client.close()
            raise unreachable(error) from error
        except LemmataError:
            client.close()
            raise
        bases = [entry for entry in served if not entry.get("parent")]
        if not bases:
            client.close()
            raise UnknownModel(f"the server at {url} serves no model")
        adapters = frozenset(entry["id"] for entry in served if entry.get("parent"))
        return cls(client, bases[0]["id"], int(bases[0].get("max_model_len") or 0), adapters)

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        calls = [(request.id, *self._body(request)) for request in requests]
        queue: asyncio.Queue[Delta | LemmataError] = asyncio.Queue()
        self._active += len(calls)
        async with self._client() as client:
            tasks = [asyncio.create_task(_stream(client, queue, *call)) for call in calls]
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
                self._active -= len(calls)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _client(self) -> httpx.AsyncClient:
        """A new one for each call: a connection pool belongs to one event loop."""
        if self._sync.is_closed:
            raise EngineDied("the engine is closed")
        return httpx.AsyncClient(base_url=self._base_url, headers=self._headers, timeout=_TIMEOUT)

    def _body(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Path and JSON of one request. Raises UnknownAdapter, BadInput."""
        if not request.prompt:
            raise BadInput("the prompt is empty", "Give a prompt.")
        check_sampling(request.sampling)
        body = _sampling(request.sampling) | {
            "model": self._name(request.adapter),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if isinstance(request.prompt, str):
            return "/v1/completions", body | {"prompt": request.prompt}
        messages = [part for part in request.prompt if isinstance(part, Message)]
        if messages:
            return "/v1/chat/completions", body | {"messages": _plain(messages)}
        return "/v1/completions", body | {"prompt": list(request.prompt)}

    def _name(self, adapter: str | None) -> str:
        if adapter is None:
            return self._model
        if adapter in self.served and adapter not in self._adapters:
            return adapter
        return _served_as(adapter_of(adapter, self._adapters))

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        if not tokens:
            raise BadInput("the prompt is empty", "Give a prompt.")
        if len(tokens) == 1:
            return []
        body = {
            "model": self._name(adapter),
            "prompt": list(tokens),
            "max_tokens": 1,
            "prompt_logprobs": 0,
        }
        answer = await self._post("/v1/completions", body)
        told = answer["choices"][0].get("prompt_logprobs")
        if told is None:
            raise BadInput("this server gives no prompt_logprobs", "Use vLLM, or a local model.")
        pairs = zip(tokens[1:], told[1:], strict=True)
        return [float(entry[str(token)]["logprob"]) for token, entry in pairs]

    def tokenize(self, text: str) -> list[int]:
        return self._tokens({"prompt": text, "add_special_tokens": False})

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        return self._tokens({"messages": _plain(messages)})

    def _tokens(self, body: dict[str, Any]) -> list[int]:
        try:
            answer = self._sync.post("/tokenize", json=body | {"model": self._model})
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise BadInput("this server does not give token ids", "Use vLLM, or a local model.")
        return [int(token) for token in said(answer)["tokens"]]

    async def load_adapter(self, ref: AdapterRef) -> None:
        if ref.rank > MAX_RANK:
            raise AdapterRefused(f"adapter {ref.name} has rank {ref.rank}; vLLM takes {MAX_RANK}")
        former = self._adapters.get(ref.name)
        if all(other.sha256 != ref.sha256 for other in self._adapters.values()):
            body = {"lora_name": _served_as(ref), "lora_path": str(ref.path)}
            await self._adapter_call("/v1/load_lora_adapter", body, done="already")
        self._adapters[ref.name] = ref
        if former is not None:
            await self._forget(former)

    async def unload_adapter(self, name: str) -> None:
        ref = adapter_of(name, self._adapters)
        del self._adapters[name]
        await self._forget(ref)

    async def _forget(self, ref: AdapterRef) -> None:
        if all(other.sha256 != ref.sha256 for other in self._adapters.values()):
            body = {"lora_name": _served_as(ref)}
            await self._adapter_call("/v1/unload_lora_adapter", body, done="cannot be found")

    async def _adapter_call(self, path: str, body: dict[str, str], done: str) -> None:
        """`done` is in the refusal that means: it is so already."""
        async with self._client() as client:
            try:
                answer = await client.post(path, json=body)
            except httpx.HTTPError as error:
                raise unreachable(error) from error
        if answer.is_success or (answer.status_code != 405 and done in answer.text):
            return
        if answer.status_code in {404, 405} and "error" not in answer.text:
            raise AdapterRefused(
                "this server takes no adapters while it runs",
                "Start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1.",
            )
        raise AdapterRefused(f"the server refuses the adapter: {explain(answer).cause}")

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._client() as client:
            try:
                return said(await client.post(path, json=body))
            except httpx.HTTPError as error:
                raise unreachable(error) from error

    def adapters(self) -> tuple[AdapterRef, ...]:
        return tuple(ref for _, ref in sorted(self._adapters.items()))

    def health(self) -> Health:
        ready = not self._sync.is_closed
        return Health(ready, "openai", self._model, self._context, self._active, 0)

    async def close(self) -> None:
        self._sync.close()


def _served_as(ref: AdapterRef) -> str:
    return f"lora-{ref.sha256[:32]}"


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _sampling(sampling: Sampling) -> dict[str, Any]:
    """OpenAI's fields, and vLLM's own only where they say something."""
    body: dict[str, Any] = {"temperature": sampling.temperature, "top_p": sampling.top_p}
    optional = {
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
        "top_k": sampling.top_k or None,
        "min_p": sampling.min_p or None,
        "repetition_penalty": sampling.repeat_penalty if sampling.repeat_penalty != 1 else None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


async def _stream(
    client: httpx.AsyncClient,
    queue: asyncio.Queue[Delta | LemmataError],
    number: str,
    path: str,
    body: dict[str, Any],
) -> None:
    """One request's server-sent events, as pieces, into the queue."""
    try:
        async with client.stream("POST", path, json=body) as answer:
            if not answer.is_success:
                await answer.aread()
                raise explain(answer)
            chunk = Chunk(number)
            async for line in answer.aiter_lines():
                if (delta := chunk.feed(line)) is not None:
                    await queue.put(delta)
            await queue.put(chunk.finish())
    except httpx.HTTPError as error:
        await queue.put(unreachable(error))
    except LemmataError as error:
        await queue.put(error)
