"""How long a prompt may be: never cut, only warned about or refused."""

from __future__ import annotations

from lemmata.errors import ContextOverflow

ADVISED = 2048
"""Prompt tokens above which small reasoners lose the thread (the model family's own advice)."""


def check(prompt_tokens: int, context: int) -> str | None:
    """A warning for a long prompt, None for a good one. Raises ContextOverflow over the context."""
    if prompt_tokens >= context:
        raise ContextOverflow(prompt_tokens, context)
    if prompt_tokens > ADVISED:
        return f"the prompt has {prompt_tokens} tokens; small reasoners do best under {ADVISED}"
    return None
