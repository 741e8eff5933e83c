"""What an OpenAI-compatible server says, read without believing that it is well-formed."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from lemmata.engines.base import Delta
from lemmata.errors import BadInput, ContextOverflow, EngineDied, LemmataError, UnknownModel
from lemmata.types import FinishReason

_OVERFLOW = re.compile(
    r"maximum context length is (\d+) tokens.*?(?:requested|has|contains|resulted in)\D*(\d+)",
    re.DOTALL,
)
_REASONS: dict[str, FinishReason] = {"length": "length", "abort": "cancelled"}


def unreachable(error: httpx.HTTPError) -> EngineDied:
    """The server did not answer, or stopped in the middle."""
    what = str(error) or type(error).__name__
    return EngineDied(f"the model server is not answering: {what}", "Is it running?")


def said(answer: httpx.Response) -> dict[str, Any]:
    """The JSON of a good answer. Raises what a bad one means."""
    if not answer.is_success:
        raise explain(answer)
    try:
        value = answer.json()
    except ValueError as error:
        raise EngineDied("the model server answers something that is not JSON") from error
    if not isinstance(value, dict):
        raise EngineDied("the model server answers something that is no JSON object")
    return value


def explain(answer: httpx.Response) -> LemmataError:
    """What a refusal means."""
    text = _message(answer)
    if (found := _OVERFLOW.search(text)) is not None:
        return ContextOverflow(int(found[2]), int(found[1]))
    if answer.status_code == httpx.codes.NOT_FOUND:
        return UnknownModel(f"the model server does not know it: {text}")
    if answer.is_client_error:
        return BadInput(f"the model server refuses ({answer.status_code}): {text}")
    return EngineDied(f"the model server failed ({answer.status_code}): {text}")


def _message(answer: httpx.Response) -> str:
    """vLLM puts it under error.message, FastAPI under detail, others say it plainly."""
    try:
        value = answer.json()
    except ValueError:
        return answer.text[:500].strip()
    if isinstance(value, dict):
        inner = value.get("error", value)
        value = inner.get("message", inner) if isinstance(inner, dict) else inner
    return str(value)[:500]


class Chunk:
    """The lines of one event stream, turned into pieces.

    Reasoning that the server splits out is put back between <think> tags, as the model wrote it.
    The last piece waits for the usage, which comes after the finish reason.
    """

    def __init__(self, number: str) -> None:
        self._number = number
        self._reason: FinishReason | None = None
        self._prompt_tokens = self._counted = self._total = 0
        self._thinking = False

    def feed(self, line: str) -> Delta | None:
        """The piece that a line brings. Raises EngineDied for a line that makes no sense and for
        an error in the middle of the stream."""
        if not line.startswith("data:"):
            return None
        data = line[5:].strip()
        if data == "[DONE]":
            return None
        try:
            return self._read(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise EngineDied(f"the model server streams nonsense: {data[:80]!r}") from error

    def _read(self, value: dict[str, Any]) -> Delta | None:
        if "error" in value:
            raise EngineDied(f"the model server failed: {str(value['error'])[:300]}")
        if usage := value.get("usage"):
            self._prompt_tokens = int(usage["prompt_tokens"])
            self._total = int(usage["completion_tokens"])
        if not value["choices"]:
            return None
        choice = value["choices"][0]
        text = self._text(choice)
        if choice.get("finish_reason"):
            self._reason = _REASONS.get(choice["finish_reason"], "stop")
        return self._piece(text) if text else None

    def _text(self, choice: dict[str, Any]) -> str:
        delta = choice.get("delta") or {}
        thought = delta.get("reasoning_content") or delta.get("reasoning") or ""
        answer = delta.get("content") or choice.get("text") or ""
        opening = "<think>" if thought and not self._thinking else ""
        self._thinking = self._thinking or bool(thought)
        closing = "</think>" if answer and self._thinking else ""
        self._thinking = self._thinking and not answer
        return opening + thought + closing + answer

    def _piece(self, text: str, reason: FinishReason | None = None) -> Delta:
        new = self._total - self._counted
        self._counted = self._total
        return Delta(self._number, text, new, self._prompt_tokens, reason)

    def finish(self) -> Delta:
        """The last piece. Raises EngineDied where the stream broke off."""
        if self._reason is None:
            raise EngineDied("the model server broke off in the middle of an answer")
        return self._piece("</think>" if self._thinking else "", self._reason)
