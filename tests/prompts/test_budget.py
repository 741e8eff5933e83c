"""Prompt length: silent below the advice, a warning above it, an error at the context."""

import pytest

from lemmata.errors import ContextOverflow
from lemmata.prompts import budget


def test_short_prompt_passes_silently():
    assert budget.check(2048, 8192) is None


def test_long_prompt_warns_with_its_count():
    assert "2049 tokens" in (budget.check(2049, 8192) or "")


@pytest.mark.parametrize("tokens", [8192, 9000])
def test_prompt_over_the_context_names_both_numbers(tokens):
    with pytest.raises(ContextOverflow, match=f"{tokens}.*8192") as caught:
        budget.check(tokens, 8192)
    assert (caught.value.prompt_tokens, caught.value.context) == (tokens, 8192)
