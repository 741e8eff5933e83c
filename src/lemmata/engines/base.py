"""What every engine can do: the contract that `tests/contract` runs on each of them.

An engine serves one base model and any number of adapters. One request names one adapter or none;
a name that is not loaded is an error, never the base. Errors come from `lemmata.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from lemmata.types import AdapterRef, Completion, FinishReason, Message

GREEDY_BELOW = 1e-5
"""A temperature; vLLM draws the same line."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose tokens. `temperature` 0 is greedy; the defaults are VibeThinker's own."""

    temperature: float = 0.6
    """Below GREEDY_BELOW the likeliest token is taken: nothing could be told from it."""
    top_p: float = 0.95
    top_k: int = 0
    """0: off."""
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int | None = None
    """The same seed, prompt, adapter and engine give the same tokens, as far as the engine adds up
    in the same order (docs/guides/engine.md); None: a fresh one."""
    max_tokens: int | None = None
    """Completion tokens at most; None: to the end of the context."""
    stop: tuple[str, ...] = ()
    """Strings that end the text; they are not part of it."""
    logprobs: int | None = None
    """Tell each token's log-probability beside so many of the likeliest; None: do not."""
    grammar: str | None = None
    """GBNF that the text must follow."""
    json_schema: str | None = None
    """JSON schema, as JSON text, that the text must follow; not together with `grammar`."""

    @property
    def greedy(self) -> bool:
        return self.temperature < GREEDY_BELOW


EndedBy = Literal["", "tokens", "deadline", "loop"]

GREEDY = Sampling(temperature=0.0, seed=0)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to generate. `prompt` is messages (the engine renders the model's own template),
    raw text (special tokens parsed, nothing added), or token ids."""

    id: str
    prompt: tuple[Message, ...] | str | tuple[int, ...]
    adapter: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    strength: float = 1.0
    """Factor on what the adapter adds; 0.5 is halfway from the base."""
    thinking_budget: int | None = None
    """Tokens inside <think> after which the engine closes it and lets the answer begin."""
    stop_loops: bool = False
    """Close the thinking, else end the answer, once the text only repeats itself."""
    deadline_s: float | None = None
    """Seconds after which the text ends where it is."""


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One written token, its natural log-probability before temperature and cuts, and the likeliest
    tokens there as (token, text, log-probability), best first. A token is -1 where a remote server
    tells its text only."""

    token: int
    text: str
    logprob: float
    top: tuple[tuple[int, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of one request's answer. `text` is whole UTF-8 characters and may be empty; the last
    piece has a `finish_reason`. `tokens` counts the completion tokens in this piece."""

    request_id: str
    text: str
    tokens: int
    prompt_tokens: int
    finish_reason: FinishReason | None = None
    ended_by: EndedBy = ""
    """With "length": what ran out."""
    logprobs: tuple[TokenLogprob, ...] = ()
    cached_tokens: int = 0
    """Prompt tokens that were not computed again."""


@dataclass(frozen=True, slots=True)
class Health:
    """A look at the engine now. `context` is in tokens; `kv_used` of them are held."""

    ready: bool
    engine: str
    model: str
    context: int
    active: int
    queued: int
    kv_used: int = 0


class Engine(Protocol):
    """The contract. All methods may be called from any task of one event loop."""

    def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        """Stream the pieces of all requests as they come. Closing it (`aclose`) cancels what is
        unfinished within one step. Raises UnknownAdapter, ContextOverflow, BadInput (an empty
        prompt), Unsupported (a field that this engine cannot honour) before the first piece,
        EngineDied at any time."""
        ...

    async def score(self, tokens: Sequence[int], adapter: str | None = None) -> list[float]:
        """Natural log-probability of each token given those before it; len(tokens) - 1 values."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Token ids of raw text, special tokens parsed, nothing added."""
        ...

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of the messages in the model's own chat template, ready to be continued."""
        ...

    async def load_adapter(self, ref: AdapterRef) -> None:
        """Make `ref.name` usable; replaces an adapter of that name. Raises AdapterRefused."""
        ...

    async def unload_adapter(self, name: str) -> None:
        """Forget `name`; requests that run on it finish first. Raises UnknownAdapter."""
        ...

    def adapters(self) -> tuple[AdapterRef, ...]:
        """The loaded adapters, sorted by name."""
        ...

    def health(self) -> Health: ...

    async def close(self) -> None:
        """Cancel what runs, free the model. Idempotent."""
        ...


async def complete(engine: Engine, request: Request) -> Completion:
    """Run one request to its end and put its pieces together."""
    text, tokens, prompt_tokens = [], 0, 0
    reason: FinishReason = "cancelled"
    async for delta in engine.generate([request]):
        text.append(delta.text)
        tokens += delta.tokens
        prompt_tokens = delta.prompt_tokens
        reason = delta.finish_reason or reason
    return Completion("".join(text), reason, prompt_tokens, tokens)
