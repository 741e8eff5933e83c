"""What OpenAI's clients send, as far as this server honours it.

A parameter that would change the answer and is not honoured is refused by name; one that has no
bearing on the answer is accepted. Anything else is an unknown parameter. Beyond OpenAI's own:
`role`, `top_k`, `min_p`, `repeat_penalty` and `strength`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from lemmata.engines.base import Sampling

MAX_CHOICES = 64
MAX_LIKELIEST = 20
"""OpenAI's limit, and the engines'."""
SEEDS = 2**31
"""Seeds are folded into this many; libllama takes 2**32 - 1 for "none"."""
DEEPEST = 100
"""Levels of a request's JSON; Python's own writers give up at some hundred."""
MAX_STOPS = 64
"""The engine looks for each of them behind every token; OpenAI takes 4."""
DEFAULT_COMPLETION_TOKENS = 16
"""OpenAI's own, for `/v1/completions` alone."""
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "tool_choice": ("none", "auto"),
    "function_call": ("none", "auto"),
    "modalities": (["text"],),
    "best_of": (1,),
    "suffix": ("",),
}


def _refuse(value: Any, info: ValidationInfo) -> Any:
    name = info.field_name or ""
    if value in (None, False, 0, [], {}, *_NEUTRAL.get(name, ())):
        return value
    raise ValueError(f"`{name}` is not supported by this server; leave it out")


Unsupported = Annotated[Any, AfterValidator(_refuse), Field(None, validate_default=False)]
Indifferent = Annotated[Any, Field(None)]
StopText = Annotated[str, Field(max_length=1000)]


def _inside(value: Any) -> Iterable[Any]:
    """What a JSON value holds. Raises ValueError for half a character ("\\ud800") and for NaN and
    1e999, which Python reads though they are no JSON: nothing can store them or send them on."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                "a text holds half of a surrogate pair, which is no character"
            ) from error
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and infinity are no numbers of JSON")
    if isinstance(value, dict):
        return (*value, *value.values())
    return value if isinstance(value, list) else ()


class Strict(BaseModel):
    """Unknown names are mistakes, numbers are numbers, texts are text."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: Any) -> Any:
        level = [data]
        for _ in range(DEEPEST):
            level = [inner for value in level for inner in _inside(value)]
            if not level:
                return data
        raise ValueError(f"this is nested deeper than {DEEPEST} levels")


class StreamOptions(Strict):
    include_usage: bool = False
    include_obfuscation: bool = False


class AnyText(Strict):
    type: Literal["text"]


class JsonObject(Strict):
    type: Literal["json_object"]


class NamedSchema(Strict):
    """`schema` is JSON Schema; every answer follows it, so `strict` changes nothing."""

    name: str = Field(max_length=64)
    schema_: dict[str, Any] = Field({"type": "object"}, alias="schema")
    description: Indifferent
    strict: Indifferent


class JsonSchema(Strict):
    type: Literal["json_schema"]
    json_schema: NamedSchema


ResponseFormat = Annotated[AnyText | JsonObject | JsonSchema, Field(discriminator="type")]


class Common(Strict):
    """Parameters of both ways of completing."""

    model: str = Field(min_length=1, max_length=300, description="The base model or an adapter.")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(1, ge=1, le=MAX_CHOICES)
    stop: StopText | Annotated[list[StopText], Field(max_length=MAX_STOPS)] | None = None
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    top_k: int | None = Field(None, ge=-1, le=2**31 - 1)
    min_p: float | None = Field(None, ge=0, le=1)
    repeat_penalty: float | None = Field(None, gt=0, le=10)
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    strength: float = Field(
        1.0,
        ge=-4,
        le=4,
        description="Factor on what the adapter adds: 0 is the base, 0.5 halfway to the adapter.",
    )

    user: Indifferent
    metadata: Indifferent
    store: Indifferent
    service_tier: Indifferent
    safety_identifier: Indifferent
    prompt_cache_key: Indifferent
    prompt_cache_retention: Indifferent
    parallel_tool_calls: Indifferent

    logit_bias: Unsupported
    presence_penalty: Unsupported
    frequency_penalty: Unsupported

    def token_limit(self) -> int | None:
        return self.max_tokens

    def likeliest(self) -> int | None:
        """How many tokens to tell beside each one written; None: no log-probabilities."""
        return None

    def json_schema(self) -> str | None:
        """The JSON schema that the text must follow, as JSON."""
        return None

    def sampling(self) -> Sampling:
        """The sampling asked for; what is left out is the model family's own (`Sampling`)."""
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        given: dict[str, Any] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": None if self.top_k is None else max(self.top_k, 0),
            "min_p": self.min_p,
            "repeat_penalty": self.repeat_penalty,
            "seed": None if self.seed is None else self.seed % SEEDS,
            "max_tokens": self.token_limit(),
            "stop": tuple(text for text in stop if text),
            "logprobs": self.likeliest(),
            "json_schema": self.json_schema(),
        }
        return Sampling(**{name: value for name, value in given.items() if value is not None})


class TextPart(Strict):
    type: Literal["text"]
    text: str


class ChatMessage(Strict):
    """One turn. Content in parts is joined; only text parts can be read."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None
    name: Indifferent
    reasoning_content: Indifferent
    reasoning: Indifferent
    refusal: Unsupported
    tool_calls: Unsupported
    function_call: Unsupported
    audio: Unsupported
    annotations: Indifferent

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class ChatRequest(Common):
    messages: list[ChatMessage] = Field(min_length=1, max_length=4096)
    max_completion_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    role: str | None = Field(
        None,
        max_length=100,
        description="How a question without a system message is framed: a role's name, `none` for "
        "bare. Left out: `math`. A system message of the client's own is kept as it is.",
    )

    tools: Unsupported
    tool_choice: Unsupported
    functions: Unsupported
    function_call: Unsupported
    modalities: Unsupported
    audio: Unsupported
    prediction: Unsupported
    web_search_options: Unsupported

    response_format: ResponseFormat | None = None
    logprobs: bool | None = False
    top_logprobs: int | None = Field(None, ge=0, le=MAX_LIKELIEST)

    @model_validator(mode="after")
    def _likeliest_of_nothing(self) -> Self:
        if self.top_logprobs is not None and not self.logprobs:
            raise ValueError("`top_logprobs` needs `logprobs`: true")
        return self

    def token_limit(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    def likeliest(self) -> int | None:
        return self.top_logprobs or 0 if self.logprobs else None

    def json_schema(self) -> str | None:
        if isinstance(self.response_format, JsonSchema):
            return json.dumps(self.response_format.json_schema.schema_)
        return '{"type": "object"}' if isinstance(self.response_format, JsonObject) else None


class CompletionRequest(Common):
    prompt: str | list[str] | list[int] | list[list[int]]

    suffix: Unsupported
    echo: Unsupported
    best_of: Unsupported

    logprobs: int | None = Field(None, ge=0, le=MAX_LIKELIEST)

    def likeliest(self) -> int | None:
        return self.logprobs

    def token_limit(self) -> int | None:
        return self.max_tokens or DEFAULT_COMPLETION_TOKENS
