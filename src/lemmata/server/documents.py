"""What the OpenAI routes answer, for the OpenAPI document; tests hold real answers against it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from lemmata.server.errors import ErrorBody

_REASONS = {
    400: "What was asked cannot be used; `param` names the field.",
    401: "No valid API key was given.",
    403: "The key's scope does not reach that far.",
    404: "No such model, adapter, conversation, job or page.",
    405: "Another method is answered there.",
    408: "The request stopped before its end.",
    413: "The request is larger than this server reads.",
    429: "More is asked for than the queue holds; come back after `Retry-After` seconds.",
    500: "A fault of the server's own.",
    503: "The model is loading, or the engine has stopped.",
    507: "The server's disk is full.",
}
_ERROR = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}}}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": reason, "content": _ERROR} for status, reason in _REASONS.items()
}
"""Of every route. A reference, not the model: for that FastAPI would build ten validators a route
that nothing uses, which was a tenth of the server's start."""


def error_schemas() -> dict[str, Any]:
    """What the references in `ERRORS` refer to."""
    told = ErrorBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**told.pop("$defs"), ErrorBody.__name__: told}


class CompletionTokensDetails(BaseModel):
    reasoning_tokens: int


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    completion_tokens_details: CompletionTokensDetails


class AssistantMessage(BaseModel):
    """`reasoning_content` and `reasoning` hold the same: what was written inside `<think>`."""

    role: Literal["assistant"]
    content: str
    refusal: None
    reasoning_content: str | None = None
    reasoning: str | None = None


class TokenProbability(BaseModel):
    """`logprob` is natural, before temperature and cuts; `bytes` are the token's text in UTF-8."""

    token: str
    logprob: float
    bytes: list[int]


class ChatToken(TokenProbability):
    top_logprobs: list[TokenProbability]


class ChatLogprobs(BaseModel):
    """Of the answer's tokens; those it thought with are left out."""

    content: list[ChatToken]
    refusal: None


class TextLogprobs(BaseModel):
    """One entry a token; `text_offset` is in characters."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class ChatChoice(BaseModel):
    index: int
    message: AssistantMessage
    finish_reason: Literal["stop", "length", "cancelled"]
    logprobs: ChatLogprobs | None


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage


class TextChoice(BaseModel):
    index: int
    text: str
    finish_reason: Literal["stop", "length", "cancelled"]
    logprobs: TextLogprobs | None


class TextCompletion(BaseModel):
    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage


_EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
}
EVENTS = {"text/event-stream": {"schema": _EVENT}}
"""What each event is; `data` holds JSON, or `[DONE]`."""
CHAT: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ChatCompletion,
        "description": "The answer; with `stream`, chunks as server-sent events, then `[DONE]`.",
        "content": EVENTS,
    },
    **ERRORS,
}
COMPLETION: dict[int | str, dict[str, Any]] = {
    200: {
        "model": TextCompletion,
        "description": "The text; with `stream`, chunks as server-sent events, then `[DONE]`.",
        "content": EVENTS,
    },
    **ERRORS,
}
