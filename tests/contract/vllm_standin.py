"""A server that speaks vLLM's protocol over an engine of ours: its paths, errors and streams.

After https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html and
https://docs.vllm.ai/en/latest/features/lora.html (dynamic serving).
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from lemmata.adapters import canonical
from lemmata.engines.base import Request, Sampling
from lemmata.errors import BadInput, ContextOverflow
from lemmata.types import Message

MODEL = "served/base"


def error(message, kind="BadRequestError", code=400):
    return JSONResponse(
        {"error": {"message": message, "type": kind, "param": None, "code": code}}, code
    )


class Standin:
    def __init__(self, engine):
        self.engine = engine
        self.broken_after = None
        """Close the connection after so many chunks."""
        self.reasoning = False
        """Split <think> out into reasoning_content, as --reasoning-parser does."""
        self.seen = []

    def app(self):
        return Starlette(
            routes=[
                Route("/v1/models", self.models),
                Route("/tokenize", self.tokenize, methods=["POST"]),
                Route("/v1/chat/completions", self.chat, methods=["POST"]),
                Route("/v1/completions", self.completions, methods=["POST"]),
                Route("/v1/load_lora_adapter", self.load, methods=["POST"]),
                Route("/v1/unload_lora_adapter", self.unload, methods=["POST"]),
            ]
        )

    async def models(self, request):
        context = self.engine.health().context
        data = [{"id": MODEL, "object": "model", "parent": None, "max_model_len": context}]
        data += [
            {"id": ref.name, "object": "model", "parent": MODEL, "root": str(ref.path)}
            for ref in self.engine.adapters()
        ]
        return JSONResponse({"object": "list", "data": data})

    async def tokenize(self, request):
        body = await request.json()
        if "messages" in body:
            ids = self.engine.prompt_ids([Message(**m) for m in body["messages"]])
        else:
            ids = self.engine.tokenize(body["prompt"])
        context = self.engine.health().context
        return JSONResponse({"count": len(ids), "max_model_len": context, "tokens": ids})

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
        return await self.answer(body, messages, "chat.completion.chunk")

    async def completions(self, request):
        body = await request.json()
        prompt = body["prompt"]
        prompt = prompt if isinstance(prompt, str) else tuple(prompt)
        if "prompt_logprobs" in body:
            return await self.score(body, prompt)
        return await self.answer(body, prompt, "text_completion")

    async def score(self, body, prompt):
        adapter = None if body["model"] == MODEL else body["model"]
        scores = await self.engine.score(prompt, adapter)
        told = [None] + [
            {str(token): {"logprob": value, "rank": 1, "decoded_token": "?"}}
            for token, value in zip(prompt[1:], scores, strict=True)
        ]
        choice = {"index": 0, "text": "", "finish_reason": "length", "prompt_logprobs": told}
        return JSONResponse({"object": "text_completion", "choices": [choice]})

    async def answer(self, body, prompt, kind):
        self.seen.append(body)
        model = body["model"]
        adapter = None if model == MODEL else model
        if adapter and all(ref.name != adapter for ref in self.engine.adapters()):
            return error(f"The model `{model}` does not exist.", "NotFoundError", 404)
        sampling = Sampling(
            temperature=body["temperature"], top_p=body["top_p"], seed=body.get("seed"),
            max_tokens=body.get("max_tokens"), stop=tuple(body.get("stop", ())),
        )  # fmt: skip
        deltas = self.engine.generate([Request("0", prompt, adapter, sampling)])
        try:
            first = await anext(deltas)
        except ContextOverflow as overflow:
            return error(
                f"This model's maximum context length is {overflow.context} tokens. However, your "
                f"request has {overflow.prompt_tokens} input tokens. Please reduce the length of "
                "the input messages."
            )
        except BadInput as refusal:
            return error(refusal.cause)
        lines = self.lines(first, deltas, kind)
        return StreamingResponse(lines, media_type="text/event-stream")

    async def lines(self, delta, deltas, kind):
        chat, count, tokens, thinking = kind != "text_completion", 0, 0, self.reasoning
        if chat:
            yield self.line(kind, {"delta": {"role": "assistant", "content": ""}})
        while delta is not None:
            tokens += delta.tokens
            if thinking and "|" in delta.text:
                thinking = False
            field = "reasoning_content" if thinking else "content"
            part = {"delta": {field: delta.text}} if chat else {"text": delta.text}
            yield self.line(kind, part | {"finish_reason": delta.finish_reason})
            count += 1
            if count == self.broken_after:
                raise ConnectionError("the test pulls the plug")
            last, delta = delta, await anext(deltas, None)
        usage = {"prompt_tokens": last.prompt_tokens, "completion_tokens": tokens}
        yield f"data: {json.dumps({'object': kind, 'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"

    def line(self, kind, part):
        choice = {"index": 0, "logprobs": None, "finish_reason": None} | part
        return f"data: {json.dumps({'object': kind, 'choices': [choice], 'usage': None})}\n\n"


@contextmanager
def serving(engine, standin=None):
    """The address of a stand-in over `engine`, on a thread of its own."""
    app = (standin or Standin(engine)).app()
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none")
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
