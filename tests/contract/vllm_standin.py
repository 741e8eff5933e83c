"""A server that speaks vLLM's protocol over an engine of ours: its paths, errors and streams.

After https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html and
https://docs.vllm.ai/en/latest/features/lora.html (dynamic serving). What vLLM ignores it ignores,
what vLLM refuses it refuses, in vLLM's words.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lemmata.adapters import canonical
from lemmata.engines.base import Request, Sampling
from lemmata.errors import BadInput, LemmataError
from lemmata.types import Message

MODEL = "served/base"


def error(message, kind="BadRequestError", code=400, headers=None):
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return JSONResponse(body, code, headers=headers)


def event(value):
    """As pydantic writes it: all characters as they are."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


class Standin:
    def __init__(self, engine, model=MODEL, lora=True, max_rank=64):
        self.engine, self.model, self.lora, self.max_rank = engine, model, lora, max_rank
        self.version = "0.31.0"
        """None: some other OpenAI-compatible server."""
        self.broken_after = None
        """Close the connection after so many chunks."""
        self.pause = 0.0
        """Seconds before each chunk."""
        self.tokenize_pause = 0.0
        """Seconds before a text's tokens are told."""
        self.lumps = 1
        """Tokens in one chunk, as vLLM under load sends several."""
        self.reasoning = ""
        """Split the thought out into this field, as --reasoning-parser does."""
        self.refusal = None
        """Answer every request for text with this."""
        self.seen = []

    def app(self):
        routes = [
            Route("/health", self.health),
            Route("/v1/models", self.models),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/v1/completions", self.completions, methods=["POST"]),
        ]
        if self.version is not None:
            routes.append(Route("/version", self.tell_version))
            routes.append(Route("/tokenize", self.tokenize, methods=["POST"]))
        if self.lora:
            routes.append(Route("/v1/load_lora_adapter", self.load, methods=["POST"]))
            routes.append(Route("/v1/unload_lora_adapter", self.unload, methods=["POST"]))
        return Starlette(routes=routes)

    async def health(self, request):
        return Response()

    async def tell_version(self, request):
        return JSONResponse({"version": self.version})

    async def models(self, request):
        context = self.engine.health().context
        data = [{"id": self.model, "object": "model", "parent": None, "max_model_len": context}]
        data += [
            {"id": ref.name, "object": "model", "parent": self.model, "root": str(ref.path)}
            for ref in self.engine.adapters()
        ]
        return JSONResponse({"object": "list", "data": data})

    async def tokenize(self, request):
        body = await request.json()
        await asyncio.sleep(self.tokenize_pause)
        if "messages" in body:
            ids = self.ids([Message(**m) for m in body["messages"]])
        else:
            ids = self.engine.tokenize(body["prompt"])
        context = self.engine.health().context
        return JSONResponse({"count": len(ids), "max_model_len": context, "tokens": ids})

    def ids(self, messages):
        return self.engine.prompt_ids(messages)

    async def load(self, request):
        body = await request.json()
        if not body.get("lora_name") or not body.get("lora_path"):
            return error("Both 'lora_name' and 'lora_path' must be provided.", "InvalidUserInput")
        name = body["lora_name"]
        if any(ref.name == name for ref in self.engine.adapters()):
            return error(
                f"The lora adapter '{name}' has already been loaded. If you want to load the "
                "adapter in place, set 'load_inplace' to True.", "InvalidUserInput",
            )  # fmt: skip
        folder = Path(body["lora_path"])
        if not (folder / "adapter_config.json").exists():
            message = f"Loading lora {name} failed: No adapter found for {folder}"
            return error(message, "NotFoundError", 404)
        rank = json.loads((folder / "adapter_config.json").read_text())["r"]
        if rank > self.max_rank:
            message = f"LoRA rank {rank} is greater than max_lora_rank {self.max_rank}."
            return error(message, "InternalServerError", 500)
        await self.engine.load_adapter(canonical.open(folder, name))
        return PlainTextResponse(f"Success: LoRA adapter '{name}' added successfully.")

    async def unload(self, request):
        name = (await request.json()).get("lora_name")
        if all(ref.name != name for ref in self.engine.adapters()):
            message = f"The lora adapter '{name}' cannot be found."
            return error(message, "NotFoundError", 404)
        await self.engine.unload_adapter(name)
        return PlainTextResponse(f"Success: LoRA adapter '{name}' removed successfully.")

    async def chat(self, request):
        body = await request.json()
        messages = tuple(Message(**m) for m in body["messages"])
        return await self.answer(body, self.ids(messages), "chat.completion.chunk")

    async def completions(self, request):
        body = await request.json()
        prompt = body["prompt"]
        if isinstance(prompt, str):
            prompt = self.engine.tokenize(prompt)
        body["max_tokens"] = body.get("max_tokens") or 16
        if "prompt_logprobs" in body:
            return await self.score(body, prompt)
        return await self.answer(body, prompt, "text_completion")

    async def score(self, body, prompt):
        adapter = None if body["model"] == self.model else body["model"]
        scores = await self.engine.score(prompt, adapter)
        told = [None] + [
            {str(token): {"logprob": value, "rank": 1, "decoded_token": "?"}}
            for token, value in zip(prompt[1:], scores, strict=True)
        ]
        choice = {"index": 0, "text": "", "finish_reason": "length", "prompt_logprobs": told}
        return JSONResponse({"object": "text_completion", "choices": [choice]})

    async def answer(self, body, prompt, kind):
        self.seen.append(body)
        if self.refusal is not None:
            return self.refusal()
        adapter = None if body["model"] == self.model else body["model"]
        if adapter and all(ref.name != adapter for ref in self.engine.adapters()):
            return error(f"The model `{adapter}` does not exist.", "NotFoundError", 404)
        if refused := self.too_long(prompt, body.get("max_tokens")):
            return refused
        deltas = self.engine.generate([Request("0", tuple(prompt), adapter, self.sampling(body))])
        try:
            first = await anext(deltas)
        except BadInput as refusal:
            return error(refusal.cause)
        lines = self.told(self.lines(first, deltas, kind, body), deltas)
        return StreamingResponse(lines, media_type="text/event-stream")

    def too_long(self, prompt, wanted):
        """vLLM counts the prompt no further than it has to, and so tells a lower bound."""
        context = self.engine.health().context
        room = context - (wanted or 0)
        if len(prompt) + (wanted or 1) <= context:
            return None
        if room < 0:
            return error(
                f"max_tokens={wanted} cannot be greater than max_model_len={context}. Please "
                "request fewer output tokens. (parameter=max_tokens, value={wanted})"
            )
        return error(
            f"This model's maximum context length is {context} tokens. However, you requested "
            f"{wanted or 0} output tokens and your prompt contains at least {room + 1} input "
            f"tokens, for a total of at least {context + 1} tokens. Please reduce the length of "
            "the input prompt or the number of requested output tokens. "
            f"(parameter=input_tokens, value={room + 1})"
        )

    def sampling(self, body):
        structured = body.get("structured_outputs") or {}
        schema = structured.get("json")
        if (shape := body.get("response_format")) is not None:
            schema = shape["json_schema"]["schema"]
        top = body.get("top_logprobs", 0) if body.get("logprobs") is True else body.get("logprobs")
        return Sampling(
            temperature=body["temperature"], top_p=body["top_p"], top_k=body.get("top_k", 0),
            min_p=body.get("min_p", 0.0), repeat_penalty=body.get("repetition_penalty", 1.0),
            seed=body.get("seed"), max_tokens=body.get("max_tokens"),
            stop=tuple(body.get("stop", ())), logprobs=top or 0,
            grammar=structured.get("grammar"),
            json_schema=None if schema is None else json.dumps(schema),
        )  # fmt: skip

    async def told(self, lines, deltas):
        """A client that goes away ends its request, as at vLLM."""
        try:
            async for line in lines:
                yield line
        finally:
            await deltas.aclose()

    async def lines(self, delta, deltas, kind, body):
        chat, count, tokens, thinking = kind != "text_completion", 0, 0, bool(self.reasoning)
        options = body.get("stream_options") or {}
        if chat:
            yield self.line(kind, {"delta": {"role": "assistant", "content": ""}}, None)
        while delta is not None:
            await asyncio.sleep(self.pause)
            text, told, tokens = delta.text, list(delta.logprobs), tokens + delta.tokens
            for _ in range(self.lumps - 1):
                if delta.finish_reason is not None:
                    break
                delta = await anext(deltas)
                text, tokens = text + delta.text, tokens + delta.tokens
                told += delta.logprobs
            if thinking and "|" in text:
                thinking = False
            part = {"delta": {self.reasoning if thinking else "content": text}}
            part = part if chat else {"text": text}
            part["finish_reason"] = delta.finish_reason
            if body.get("logprobs") is not None and body["logprobs"] is not False:
                part["logprobs"] = chat_logprobs(told) if chat else text_logprobs(told)
            if body.get("return_token_ids"):
                part["token_ids"] = [one.token for one in told]
            usage = {"prompt_tokens": delta.prompt_tokens, "completion_tokens": tokens}
            yield self.line(kind, part, usage if options.get("continuous_usage_stats") else None)
            count += 1
            if count == self.broken_after:
                raise ConnectionError("the test pulls the plug")
            try:
                delta = await anext(deltas, None)
            except LemmataError as failure:
                yield event({"error": {"message": failure.cause}})
                return
        yield event({"object": kind, "choices": [], "usage": usage})
        yield "data: [DONE]\n\n"

    def line(self, kind, part, usage):
        choice = {"index": 0, "logprobs": None, "finish_reason": None} | part
        return event({"object": kind, "choices": [choice], "usage": usage})


def chat_logprobs(told):
    def entry(text, value):
        return {"token": text, "logprob": value, "bytes": list(text.encode())}

    return {
        "content": [
            entry(one.text, one.logprob)
            | {"top_logprobs": [entry(text, value) for _, text, value in one.top]}
            for one in told
        ]
    }


def text_logprobs(told):
    return {
        "tokens": [one.text for one in told],
        "token_logprobs": [one.logprob for one in told],
        "top_logprobs": [{text: value for _, text, value in one.top} for one in told],
        "text_offset": [0 for _ in told],
    }


class RayStandin(Standin):
    """Ray Serve LLM's ingress before vLLM: `base:folder` for adapters, which it reads from
    `bucket`, no runtime API, its own model cards."""

    def __init__(self, engine, bucket):
        super().__init__(engine, model="served-base", lora=False)
        self.bucket = bucket

    def app(self):
        app = super().app()
        app.router.routes = [r for r in app.router.routes if r.path not in {"/version", "/health"}]
        app.router.routes.append(Route("/v1/models/{model:path}", self.one_model))
        return app

    def card(self, name, metadata):
        return {
            "id": name, "object": "model", "owned_by": "organization-owner", "permission": [],
            "metadata": metadata,
        }  # fmt: skip

    def cards(self):
        base = {"model_id": self.model, "input_modality": "text"}
        base["max_request_context_length"] = self.engine.health().context
        yield self.card(self.model, base)
        for folder in sorted(self.bucket.iterdir()):
            lora = {"base_model_id": self.model, "bucket_uri": str(folder)}
            yield self.card(f"{self.model}:{folder.name}", base | lora)

    async def models(self, request):
        return JSONResponse({"object": "list", "data": list(self.cards())})

    async def one_model(self, request):
        wanted = request.path_params["model"].replace("--", "/")
        for card in self.cards():
            if card["id"] == wanted:
                return JSONResponse(card)
        return error(f"Unable to find {wanted}. Please ensure that the model exists and you have "
                     "permission.", "InvalidModel", 404)  # fmt: skip

    async def answer(self, body, prompt, kind):
        base, colon, name = body["model"].partition(":")
        if colon and all(ref.name != name for ref in self.engine.adapters()):
            if not (self.bucket / name).is_dir():
                return error(f"Unable to find {body['model']}.", "InvalidModel", 404)
            await self.engine.load_adapter(canonical.open(self.bucket / name, name))
        return await super().answer(body | {"model": name or base}, prompt, kind)


@contextmanager
def serving(engine, standin=None, port=0):
    """The address of a stand-in over `engine`, on a thread of its own."""
    app = (standin or Standin(engine)).app()
    config = uvicorn.Config(app, port=port, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
