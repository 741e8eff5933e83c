"""Which answer is the same answer: everything that a prediction depends on, hashed.

Only an engine whose weights we can hash is `exact`; what it wrote may be used again in another run.
What a remote server runs is its own affair: its answers are kept for their own run alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.engines import is_remote
from lemmata.engines.base import Engine, Sampling
from lemmata.models.store import Store
from lemmata.settings import Settings
from lemmata.types import Message


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """`weights` is the hash of the GGUF, `template` of its chat template; "" for unknown."""

    kind: str
    name: str
    weights: str = ""
    template: str = ""

    @property
    def exact(self) -> bool:
        return bool(self.weights)


def of_model(model: str, settings: Settings) -> ModelIdentity:
    """The identity of what `open_engine(model)` opens. Raises UnknownModel, ModelRefused."""
    from lemmata.models import gguf_read
    from lemmata.prompts.render import ChatTemplate

    if model == "echo":
        return ModelIdentity("echo", "echo", "echo", "echo")
    if is_remote(model):
        return ModelIdentity("openai", model)
    stored = Store(settings).get(model)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf)).sha256
    return ModelIdentity("llama", stored.name, stored.sha256, template)


def again(begun: ModelIdentity | None, now: ModelIdentity) -> ModelIdentity:
    """`begun` where `now` is that model under another name: the same weights and template, or a
    server, whose word is all there is. Else `now`."""
    if begun is None:
        return now
    same = (begun.kind, begun.weights, begun.template) == (now.kind, now.weights, now.template)
    return begun if same else now


def of_engine(engine: Engine) -> ModelIdentity:
    """An engine that somebody else opened: its name is known, its weights are not."""
    health = engine.health()
    return ModelIdentity(health.engine, health.model)


def prompt_of(engine: Engine, exact: bool, messages: Sequence[Message]) -> Any:
    """The prompt's token ids; the messages themselves where the server keeps those to itself."""
    return engine.prompt_ids(messages) if exact else [asdict(message) for message in messages]


def key(
    model: ModelIdentity,
    adapter: str,
    prompt: Any,
    sampling: Sampling,
    how: Mapping[str, Any],
) -> str:
    """The hash of all that decides an answer. `adapter` is its content hash, "" for none; `how`
    has the strategy, the number of the attempt and the limits on thinking and loops."""
    told = {
        "model": asdict(model),
        "adapter": adapter,
        "prompt": prompt,
        "sampling": asdict(sampling),
        "how": dict(how),
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
