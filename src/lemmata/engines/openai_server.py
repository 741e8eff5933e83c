"""Who answers at the other end: vLLM, Ray Serve LLM (vLLM on many machines), or any other server.

vLLM alone answers `/version`. Ray's model cards have no `parent`; theirs name the base in their
metadata, and an adapter's id is `base:folder`
(https://docs.ray.io/en/latest/serve/llm/user-guides/multi-lora.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import httpx

from lemmata.engines.openai_wire import said
from lemmata.engines.requests import ABILITIES
from lemmata.errors import UnknownModel
from lemmata.types import AdapterRef

OLDEST_VLLM = (0, 12)
"""It renamed guided_* to structured_outputs; before, unknown fields were ignored in silence."""
_PULSE = httpx.Timeout(5.0)
_ANY = frozenset({"deadline_s", "logprobs", "json_schema"})
_VLLM = frozenset(ABILITIES) - {"strength"}


@dataclass(frozen=True, slots=True)
class Server:
    """`context` is in tokens (0: not told); `served` are the adapters that it has of itself, as
    name → model id."""

    kind: Literal["vllm", "ray", "openai"]
    model: str
    context: int
    served: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_vllm(self) -> bool:
        """Whether vLLM computes, here or behind Ray: its own fields are understood."""
        return self.kind != "openai"

    @property
    def able(self) -> frozenset[str]:
        """The ABILITIES that it has."""
        return _VLLM if self.is_vllm else _ANY

    @property
    def name(self) -> str:
        """For a person."""
        return {"vllm": "vLLM", "ray": "Ray Serve LLM", "openai": "this server"}[self.kind]

    def model_of(self, ref: AdapterRef) -> str:
        """The model id under which an adapter of ours is asked for."""
        name = served_as(ref)
        return f"{self.model}:{name}" if self.kind == "ray" else name


def served_as(ref: AdapterRef) -> str:
    """The name of an adapter's content: another content never gets it."""
    return f"lora-{ref.sha256[:32]}"


def look(client: httpx.Client, url: str, model: str = "") -> Server:
    """What the server says of itself; `model` "" means its first. Raises httpx.HTTPError, the
    errors of `explain`, and UnknownModel where it serves nothing, or not that model."""
    cards = said(client.get("/v1/models")).get("data") or []
    bases = [card for card in cards if not _parent(card)]
    if not bases:
        raise UnknownModel(f"the server at {url} serves no model")
    base = next((card for card in bases if model in {"", card["id"]}), None)
    if base is None:
        some = ", ".join(str(card["id"]) for card in bases[:8])
        raise UnknownModel(f"the server at {url} serves no {model!r}", f"It serves: {some}.")
    adapters = {_name(card["id"], base["id"]): card["id"] for card in cards if _parent(card)}
    told = base.get("metadata") or {}
    if isinstance(told, dict) and "max_request_context_length" in told:
        return Server("ray", base["id"], int(told["max_request_context_length"] or 0), adapters)
    kind: Literal["vllm", "openai"] = "vllm" if _runs_vllm(client) else "openai"
    return Server(kind, base["id"], int(base.get("max_model_len") or 0), adapters)


def serves(client: httpx.Client, server: Server) -> bool:
    """Whether it still serves the same base. Ray is asked for that card alone: to list all, it
    looks into its bucket. Raises httpx.HTTPError and the errors of `explain`."""
    if server.kind == "ray":
        card = said(client.get(f"/v1/models/{card_of(server.model)}", timeout=_PULSE))
        return bool(card.get("id") == server.model)
    cards = said(client.get("/v1/models", timeout=_PULSE)).get("data") or []
    return any(card.get("id") == server.model for card in cards)


def card_of(model: str) -> str:
    """A model id as Ray wants it in a path."""
    return quote(model.replace("/", "--"), safe="")


def _parent(card: dict[str, Any]) -> str | None:
    told = card.get("metadata")
    base = told.get("base_model_id") if isinstance(told, dict) else None
    return card.get("parent") or base


def _name(model: str, base: str) -> str:
    return model.removeprefix(f"{base}:")


def _runs_vllm(client: httpx.Client) -> bool:
    answer = client.get("/version")
    if not answer.is_success or "json" not in answer.headers.get("content-type", ""):
        return False
    body = answer.json()
    told = str(body.get("version", "")) if isinstance(body, dict) else ""
    numbers = re.match(r"v?(\d+)\.(\d+)", told)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST_VLLM
