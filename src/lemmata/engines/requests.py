"""What every engine checks before it begins."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence

from lemmata.engines.base import Request, Sampling
from lemmata.errors import BadInput, ContextOverflow, UnknownAdapter, Unsupported
from lemmata.types import AdapterRef


def adapter_of(name: str, loaded: Mapping[str, AdapterRef]) -> AdapterRef:
    """The loaded adapter of that name. Raises UnknownAdapter: never the base in its place."""
    if name in loaded:
        return loaded[name]
    near = difflib.get_close_matches(name, loaded, 1)
    known = ", ".join(sorted(loaded)) or "none"
    hint = f"Did you mean {near[0]!r}?" if near else f"Loaded: {known}."
    raise UnknownAdapter(f"adapter {name!r} is not loaded", hint)


def check_prompt(
    tokens: Sequence[int],
    context: int,
    sampling: Sampling | None = None,
    vocabulary: int | None = None,
) -> None:
    """Raises BadInput for an empty prompt, tokens that a vocabulary of that size does not have, or
    sampling that means nothing; ContextOverflow where no token would fit after it."""
    if not tokens:
        raise BadInput("the prompt is empty", "Give a prompt.")
    if len(tokens) >= context:
        raise ContextOverflow(len(tokens), context)
    if vocabulary is not None and not 0 <= min(tokens) <= max(tokens) < vocabulary:
        alien = next(token for token in tokens if not 0 <= token < vocabulary)
        raise BadInput(
            f"the model has no token {alien}", f"Give token ids from 0 to {vocabulary - 1:,}."
        )
    if sampling is not None:
        check_sampling(sampling)


def check_sampling(sampling: Sampling) -> None:
    """Raises BadInput, naming the field."""
    bounds = {
        "temperature": (sampling.temperature, 0, 100),
        "top_p": (sampling.top_p, 1e-6, 1),
        "top_k": (sampling.top_k, 0, 1 << 30),
        "min_p": (sampling.min_p, 0, 1),
        "repeat_penalty": (sampling.repeat_penalty, 0.01, 100),
        "logprobs": (sampling.logprobs or 0, 0, 20),
        "max_tokens": (1 if sampling.max_tokens is None else sampling.max_tokens, 1, 1 << 30),
    }
    for name, (value, low, high) in bounds.items():
        if not low <= value <= high:
            raise BadInput(f"{name} is {value}", f"Give a number from {low} to {high}.")


def check_strength(strength: float) -> float:
    """The strength itself. Raises BadInput: far beyond its training an adapter is only noise."""
    if not -4 <= strength <= 4:
        raise BadInput(f"strength is {strength}", "Give a number from -4 to 4.")
    return strength


ABILITIES = (
    "strength", "thinking_budget", "stop_loops", "deadline_s", "logprobs", "grammar", "json_schema",
)  # fmt: skip
"""Fields of a request that an engine may be unable to honour."""


def asked(request: Request) -> tuple[str, ...]:
    """Which of ABILITIES the request needs."""
    sampling = request.sampling
    wanted = {
        "strength": request.adapter is not None and request.strength != 1,
        "thinking_budget": request.thinking_budget is not None,
        "stop_loops": request.stop_loops,
        "deadline_s": request.deadline_s is not None,
        "logprobs": sampling.logprobs is not None,
        "grammar": sampling.grammar is not None,
        "json_schema": sampling.json_schema is not None,
    }
    return tuple(name for name in ABILITIES if wanted[name])


def check_asked(request: Request, engine: str, able: Collection[str], mend: str = "") -> None:
    """Raises Unsupported where the request needs what is not in `able`, BadInput for values that
    mean nothing. `engine` names it for a person."""
    check_strength(request.strength)
    if request.thinking_budget is not None and request.thinking_budget < 0:
        raise BadInput(f"thinking_budget is {request.thinking_budget}", "Give 0 or more tokens.")
    if request.deadline_s is not None and not request.deadline_s > 0:
        raise BadInput(f"deadline_s is {request.deadline_s}", "Give seconds above 0.")
    if request.sampling.grammar is not None and request.sampling.json_schema is not None:
        raise BadInput("grammar and json_schema are both given", "Give one of them.")
    if missing := [name for name in asked(request) if name not in able]:
        raise Unsupported(
            f"{engine} cannot do {', '.join(missing)}",
            mend or "Leave it out, or use the embedded engine (llama).",
        )
