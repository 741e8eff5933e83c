"""A request as the JSON that a server understands, vLLM's own fields where vLLM reads it.

https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html (extra parameters) and
https://docs.vllm.ai/en/latest/features/structured_outputs.html.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lemmata.engines.base import Request, Sampling
from lemmata.engines.openai_server import Server
from lemmata.errors import BadInput, Unsupported
from lemmata.types import Message

Body = dict[str, Any]
SEEDS = 1 << 63
"""vLLM takes no larger ones, and draws a fresh one for -1."""
CHAT, TEXT = "/v1/chat/completions", "/v1/completions"


def messages_of(request: Request) -> list[Message]:
    """The prompt's messages; empty for text and token ids."""
    if isinstance(request.prompt, str):
        return []
    return [part for part in request.prompt if isinstance(part, Message)]


def watched(request: Request) -> bool:
    """Whether we have to look at each token: to close the thinking, or to end a loop."""
    return request.thinking_budget is not None or request.stop_loops


def check(request: Request, server: Server) -> None:
    """Raises Unsupported for what only fails, or is ignored, at the other end."""
    sampling = request.sampling
    structured = sampling.grammar is not None or sampling.json_schema is not None
    if structured and watched(request):
        raise Unsupported(
            f"{server.name} cannot follow a grammar and close the thinking in one request",
            "Leave out thinking_budget and stop_loops, or the grammar.",
        )
    if server.is_vllm or messages_of(request):
        return
    if sampling.max_tokens is None:
        raise Unsupported(
            "this server ends raw text after a few tokens unless it is told", "Give max_tokens."
        )
    if sampling.json_schema is not None:
        raise Unsupported("this server takes a JSON schema with messages only", "Send messages.")


def body_of(request: Request, server: Server, model: str, ids: Sequence[int] | None) -> Body:
    """The JSON for the messages, or for the prompt's token ids (None: its text). Raises BadInput
    for a schema that is not JSON."""
    options: Body = {"include_usage": True}
    if server.is_vllm:
        options["continuous_usage_stats"] = True
    body = _sampled(request.sampling) | {
        "model": model,
        "stream": True,
        "stream_options": options,
    }
    chat = ids is None and bool(messages_of(request))
    body |= _logprobs(request.sampling, server, chat) | _structured(request.sampling, server)
    if chat:
        if server.context and body.get("max_tokens", 0) >= server.context:
            del body["max_tokens"]  # vLLM refuses it, and fills the context where none is given
        return body | {"messages": plain(messages_of(request))}
    if server.is_vllm:
        body["add_special_tokens"] = False
    return body | {"prompt": request.prompt if ids is None else list(ids)}


def plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _sampled(sampling: Sampling) -> Body:
    """OpenAI's fields, and vLLM's own only where they say something."""
    temperature = 0.0 if sampling.greedy else sampling.temperature
    body: Body = {"temperature": temperature, "top_p": sampling.top_p}
    optional = {
        "max_tokens": sampling.max_tokens,
        "seed": None if sampling.seed is None else sampling.seed % SEEDS,
        "stop": list(sampling.stop) or None,
        "top_k": sampling.top_k or None,
        "min_p": sampling.min_p or None,
        "repetition_penalty": sampling.repeat_penalty if sampling.repeat_penalty != 1 else None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _logprobs(sampling: Sampling, server: Server, chat: bool) -> Body:
    if sampling.logprobs is None:
        return {}
    ids = {"return_token_ids": True} if server.is_vllm else {}
    if chat:
        return {"logprobs": True, "top_logprobs": sampling.logprobs} | ids
    return {"logprobs": sampling.logprobs} | ids


def _structured(sampling: Sampling, server: Server) -> Body:
    if sampling.grammar is not None:
        return {"structured_outputs": {"grammar": sampling.grammar}}
    if sampling.json_schema is None:
        return {}
    try:
        schema = json.loads(sampling.json_schema)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the JSON schema is not JSON: {error}") from error
    if server.is_vllm:
        return {"structured_outputs": {"json": schema}}
    named = {"name": "answer", "schema": schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}
