"""`/v1/chat/completions`."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lemmata.server import logprobs
from lemmata.server.auth import Infer
from lemmata.server.documents import CHAT
from lemmata.server.framing import framed
from lemmata.server.generate import Choice, Generation
from lemmata.server.openai_types import ChatRequest
from lemmata.server.service import Service, Serving
from lemmata.server.sse import until_gone
from lemmata.server.stream import answer
from lemmata.solve.role import of_adapter
from lemmata.solve.think import Split

router = APIRouter(tags=["OpenAI"])


@router.post("/v1/chat/completions", responses=CHAT, response_class=JSONResponse)
async def chat_completions(
    body: ChatRequest, request: Request, service: Serving, key: Infer
) -> Response:
    """Answer a conversation with the base model or an adapter, whole or as it is written."""
    writer = service.writer(key)
    generation = _generation(body, service)
    told = bool(body.logprobs)
    if body.stream:
        options = body.stream_options
        opening = [
            _entry(choice, {"role": "assistant", "content": ""}) for choice in generation.choices
        ]
        return await answer(
            request, generation, writer, "chat.completion.chunk", partial(_chunk, told), opening,
            usage=options is not None and options.include_usage,
        )  # fmt: skip
    await until_gone(request, generation.finish(writer))
    return JSONResponse(_document(generation, told))


def _generation(body: ChatRequest, service: Service) -> Generation:
    adapter = service.adapter_of(body.model)
    own = of_adapter(adapter, service.ready().adapters())
    return Generation(
        [framed(body.messages, body.role, own)],
        model=body.model,
        adapter=adapter,
        sampling=body.sampling(),
        n=body.n or 1,
        prefix="chatcmpl",
        splitting=True,
        inside=service.thinks_in_prompt,
        strength=body.strength,
    )


def _document(generation: Generation, told: bool) -> dict[str, Any]:
    return {
        "id": generation.id,
        "object": "chat.completion",
        "created": generation.created,
        "model": generation.model,
        "choices": [
            {
                "index": choice.index,
                "message": _message(choice),
                "finish_reason": choice.finish_reason,
                "logprobs": logprobs.of_chat(choice.logprobs) if told else None,
            }
            for choice in generation.choices
        ],
        "usage": generation.usage(),
    }


def _message(choice: Choice) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": "".join(choice.content),
        "refusal": None,
        **_thought("".join(choice.reasoning)),
    }


def _thought(text: str) -> dict[str, str]:
    """Under both names that clients look for: DeepSeek's and OpenRouter's."""
    return {"reasoning_content": text, "reasoning": text} if text else {}


def _chunk(told: bool, choice: Choice, added: Split) -> list[dict[str, Any]]:
    entries = []
    if added.reasoning:
        entries.append(_entry(choice, _thought(added.reasoning)))
    if added.answer:
        entries.append(_entry(choice, {"content": added.answer}))
    if choice.finish_reason:
        entries.append(_entry(choice, {}, choice.finish_reason))
    if told and (fresh := choice.fresh_logprobs()):
        if not entries:
            entries.append(_entry(choice, {"content": ""}))  # text that waits for its other bytes
        entries[0]["logprobs"] = logprobs.of_chat(fresh)
    return entries


def _entry(choice: Choice, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"index": choice.index, "delta": delta, "finish_reason": reason, "logprobs": None}
