"""The lines of one event stream, turned into pieces of an answer."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import Any

from lemmata.engines.base import Delta, EndedBy, TokenLogprob
from lemmata.errors import EngineDied, Unsupported
from lemmata.types import FinishReason

_REASONS: dict[str, FinishReason] = {"length": "length", "abort": "cancelled"}
UNKNOWN = -1
"""A token of which only the text is told."""


class Chunk:
    """Reasoning that the server splits out is put back between <think> tags, as the model wrote
    it. The last piece waits for the usage, which comes after the finish reason.

    `tokens` are the ids told so far. `prompt_tokens`: of the request, where they are known before.
    """

    def __init__(self, number: str, prompt_tokens: int = 0, top: int | None = None) -> None:
        self.tokens: list[int] = []
        self._number, self._prompt_tokens, self._top = number, prompt_tokens, top
        self._fixed = bool(prompt_tokens)
        self._reason: FinishReason | None = None
        self._counted = self._total = self._cached = self._seen = 0
        self._thinking = False
        self._told: tuple[TokenLogprob, ...] = ()
        self._tells = False

    @property
    def ended(self) -> bool:
        return self._reason is not None

    def feed(self, line: str) -> Delta | None:
        """The piece that a line brings. Raises EngineDied for a line that makes no sense and for
        an error in the middle of the stream, Unsupported where log-probabilities are missing."""
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
            self._count(usage)
        if not value["choices"]:
            return None
        choice = value["choices"][0]
        ids = [int(token) for token in choice.get("token_ids") or ()]
        self.tokens += ids
        text = self._text(choice)
        if self._top is not None:
            self._told += self._logprobs(choice, ids, self._top, text)
        if choice.get("finish_reason"):
            self._reason = _REASONS.get(choice["finish_reason"], "stop")
        self._seen += bool(text)
        return self._piece(text) if text else None

    def _logprobs(
        self, choice: dict[str, Any], ids: list[int], top: int, text: str
    ) -> tuple[TokenLogprob, ...]:
        told = _told(choice.get("logprobs"), ids, top)
        self._tells = self._tells or bool(told)
        if text and not self._tells:
            raise Unsupported("this server tells no log-probabilities", "Leave out logprobs.")
        return told

    def _count(self, usage: dict[str, Any]) -> None:
        if not self._fixed:
            self._prompt_tokens = int(usage["prompt_tokens"])
        self._total = int(usage.get("completion_tokens") or 0)
        self._cached = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)

    def _text(self, choice: dict[str, Any]) -> str:
        delta = choice.get("delta") or {}
        thought = delta.get("reasoning_content") or delta.get("reasoning") or ""
        answer = delta.get("content") or choice.get("text") or ""
        opening = "<think>" if thought and not self._thinking else ""
        self._thinking = self._thinking or bool(thought)
        closing = "</think>" if answer and self._thinking else ""
        self._thinking = self._thinking and not answer
        return opening + thought + closing + answer

    def _piece(
        self, text: str, reason: FinishReason | None = None, ended_by: EndedBy = ""
    ) -> Delta:
        new = max(self._total - self._counted, 0)
        self._counted += new
        told, self._told = self._told, ()
        prompt, cached = self._prompt_tokens, self._cached
        return Delta(self._number, text, new, prompt, reason, ended_by, told, cached)

    def _open(self) -> str:
        return "</think>" if self._thinking else ""

    def finish(self) -> Delta:
        """The last piece. Raises EngineDied where the stream broke off."""
        if self._reason is None:
            raise EngineDied("the model server broke off in the middle of an answer")
        ended_by: EndedBy = "tokens" if self._reason == "length" else ""
        return self._piece(self._open(), self._reason, ended_by)

    def cut(self, reason: FinishReason | None, ended_by: EndedBy = "", text: str = "") -> Delta:
        """The last piece of a stream that we end ourselves. Where the server told no counts, each
        of its chunks counts as one token."""
        self._total = max(self._total, len(self.tokens), self._seen)
        return self._piece(text + (self._open() if reason else ""), reason, ended_by)


def _told(logprobs: Any, ids: list[int], top: int) -> tuple[TokenLogprob, ...]:
    """What a chat (`content`) or a completion (`tokens`, …) tells of its tokens."""
    if not logprobs:
        return ()
    if "content" in logprobs:
        entries = logprobs["content"] or []
        told = [(e["token"], e["logprob"], _pairs(e.get("top_logprobs"))) for e in entries]
    else:
        likeliest = logprobs.get("top_logprobs") or []
        rows = zip_longest(logprobs["tokens"], logprobs["token_logprobs"], likeliest)
        told = [(text, value, list((best or {}).items())) for text, value, best in rows]
    known = ids if len(ids) == len(told) else [UNKNOWN] * len(told)
    return tuple(
        TokenLogprob(token, str(text), float(value), _best(best, top))
        for token, (text, value, best) in zip(known, told, strict=True)
    )


def _pairs(entries: Any) -> list[tuple[str, float]]:
    return [(entry["token"], entry["logprob"]) for entry in entries or ()]


def _best(pairs: list[tuple[str, float]], top: int) -> tuple[tuple[int, str, float], ...]:
    ordered = sorted(pairs, key=lambda pair: -pair[1])[:top]
    return tuple((UNKNOWN, str(text), float(value)) for text, value in ordered)
