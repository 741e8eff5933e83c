"""What an OpenAI-compatible server says, read without believing that it is well-formed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx

from lemmata.errors import (
    BadInput,
    ContextOverflow,
    EngineDied,
    LemmataError,
    NotReady,
    Overloaded,
    UnknownModel,
)

_CONTEXT = re.compile(r"maximum (?:context|model) length (?:is|of) (\d+)", re.IGNORECASE)
_COUNTED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:contains(?: at least)?|has|resulted in) (\d+) (?:input )?tokens",
        r"(\d+) in the messages",
        r"requested (\d+) tokens",
    )
)
"""The prompt's length, in the words of vLLM and OpenAI; the last counts the completion too."""
_LONGEST_WAIT_S = 3600
_LONGEST_LINE = 16 << 20


async def lines_of(answer: httpx.Response) -> AsyncIterator[str]:
    """The lines of an event stream. Only line feeds and carriage returns end one
    (https://html.spec.whatwg.org/multipage/server-sent-events.html): a text may hold the other ends
    of lines that Unicode knows, at which httpx would cut it. Raises EngineDied for one without end.
    """
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if len(rest) > _LONGEST_LINE:
            raise EngineDied("the model server streams a line without end")
    if rest:
        yield rest.decode("utf-8", "replace")


def unreachable(error: httpx.HTTPError) -> EngineDied:
    """The server did not answer, or stopped in the middle."""
    if isinstance(error, httpx.TimeoutException):
        return EngineDied(
            f"the model server took too long ({type(error).__name__})", "Is it overloaded?"
        )
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
    text, status = message(answer), answer.status_code
    if (overflow := _overflow(text)) is not None:
        return overflow
    if status in {401, 403}:
        return BadInput(
            f"the model server asks for another API key ({status})",
            "Set LEMMATA_ENGINE_KEY to its key.",
        )
    if status == httpx.codes.NOT_FOUND:
        return UnknownModel(f"the model server does not know it: {text}")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Overloaded(f"the model server is busy: {text}", "Ask again later.", _wait(answer))
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        cause = f"the model server is not ready: {text}"
        return NotReady(cause, "Ask again in a moment.", _wait(answer))
    if answer.is_client_error:
        return BadInput(f"the model server refuses ({status}): {text}")
    return EngineDied(f"the model server failed ({status}): {text}")


def _overflow(text: str) -> ContextOverflow | None:
    context = _CONTEXT.search(text)
    counts = (pattern.search(text) for pattern in _COUNTED)
    counted = next((found for found in counts if found is not None), None)
    if context is None or counted is None:
        return None
    return ContextOverflow(int(counted[1]), int(context[1]))


def _wait(answer: httpx.Response) -> int:
    """Seconds that the server asks us to wait; a date, or nonsense, is one second."""
    told = answer.headers.get("retry-after", "")
    return min(max(int(told), 1), _LONGEST_WAIT_S) if told.isdecimal() else 1


def message(answer: httpx.Response) -> str:
    """vLLM puts it under error.message, FastAPI under detail, others say it plainly."""
    try:
        value = answer.json()
    except ValueError:
        return answer.text[:500].strip()
    if isinstance(value, dict):
        inner = value.get("error", value)
        value = inner.get("message", inner) if isinstance(inner, dict) else inner
    return str(value)[:500]
