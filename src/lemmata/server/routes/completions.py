"""`/v1/completions`: raw text or token ids continued, with no template and no role."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lemmata.errors import BadInput
from lemmata.server import logprobs
from lemmata.server.auth import Infer
from lemmata.server.documents import COMPLETION
from lemmata.server.generate import Choice, Generation, Prompt
from lemmata.server.openai_types import MAX_CHOICES, CompletionRequest
from lemmata.server.service import Service, Serving
from lemmata.server.sse import until_gone
from lemmata.server.stream import answer
from lemmata.solve.think import Split

router = APIRouter(tags=["OpenAI"])


@router.post("/v1/completions", responses=COMPLETION, response_class=JSONResponse)
async def completions(
    body: CompletionRequest, request: Request, service: Serving, key: Infer
) -> Response:
    """Continue one or several prompts exactly as they are."""
    writer = service.writer(key)
    generation = _generation(body, service)
    told = body.logprobs is not None
    if body.stream:
        options = body.stream_options
        return await answer(
            request, generation, writer, "text_completion", partial(_chunk, told), [],
            usage=options is not None and options.include_usage,
        )  # fmt: skip
    await until_gone(request, generation.finish(writer))
    return JSONResponse(_document(generation, told))


def _generation(body: CompletionRequest, service: Service) -> Generation:
    prompts, n = _prompts(body.prompt), body.n or 1
    if len(prompts) * n > MAX_CHOICES:
        raise BadInput(f"{len(prompts) * n} answers are asked for", f"Ask for {MAX_CHOICES}.")
    return Generation(
        prompts,
        model=body.model,
        adapter=service.adapter_of(body.model),
        sampling=body.sampling(),
        n=n,
        prefix="cmpl",
        splitting=False,
        strength=body.strength,
    )


def _prompts(given: str | list[str] | list[int] | list[list[int]]) -> list[Prompt]:
    if isinstance(given, str):
        return _nonempty([given])
    if given and isinstance(given[0], int):
        return [tuple(token for token in given if isinstance(token, int))]
    several = (item for item in given if not isinstance(item, int))
    return _nonempty([item if isinstance(item, str) else tuple(item) for item in several])


def _nonempty(prompts: list[Prompt]) -> list[Prompt]:
    if not prompts or not all(prompts):
        raise BadInput("the prompt is empty", "Give some text to continue.")
    return prompts


def _document(generation: Generation, told: bool) -> dict[str, Any]:
    return {
        "id": generation.id,
        "object": "text_completion",
        "created": generation.created,
        "model": generation.model,
        "choices": [
            _entry(choice, "".join(choice.content), told, 0) for choice in generation.choices
        ],
        "usage": generation.usage(),
    }


def _chunk(told: bool, choice: Choice, added: Split) -> list[dict[str, Any]]:
    if not added.answer and not choice.finish_reason:
        return []
    before = sum(len(token.text) for token in choice.logprobs[: choice.told])
    return [_entry(choice, added.answer, told, before)]


def _entry(choice: Choice, text: str, told: bool, offset: int) -> dict[str, Any]:
    return {
        "index": choice.index,
        "text": text,
        "finish_reason": choice.finish_reason,
        "logprobs": logprobs.of_text(choice.fresh_logprobs(), offset) if told else None,
    }
