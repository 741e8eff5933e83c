from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.solve.think import Split, Splitter, split

CASES = {
    "<think>a</think>b": Split("a", "b"),
    "<think>\na\n</think>\n\nb": Split("\na\n", "b"),
    "  <think>a</think> b": Split("a", "b"),
    "<think>never closed": Split("never closed", ""),
    "<think>a</think><think>c</think>b": Split("ac", "b"),
    "<think>a</think></think>b": Split("a", "b"),
    "no thinking at all": Split("", "no thinking at all"),
    "\n\n  kept as it is": Split("", "\n\n  kept as it is"),
    "the tag <think> is text</think>": Split("", "the tag <think> is text</think>"),
    "<thin": Split("", "<thin"),
    "<think>a</thin": Split("a</thin", ""),
    "": Split("", ""),
}


@pytest.mark.parametrize("text", CASES)
def test_a_whole_text(text: str) -> None:
    assert split(text) == CASES[text]


def test_a_block_that_the_prompt_opened() -> None:
    assert split("a</think>b", inside=True) == Split("a", "b")


@given(st.sampled_from(sorted(CASES)), st.booleans(), st.lists(st.integers(0, 40), max_size=12))
def test_the_cuts_of_a_stream_do_not_matter(text: str, inside: bool, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    splitter = Splitter(inside)
    parts = [splitter.feed(text[a:b]) for a, b in pairwise(edges)]
    parts.append(splitter.finish())
    joined = Split("".join(p.reasoning for p in parts), "".join(p.answer for p in parts))
    assert joined == split(text, inside)


def test_thinking_is_not_held_back_longer_than_a_tag() -> None:
    splitter = Splitter()
    splitter.feed("<think>")
    assert splitter.feed("one two three").reasoning == "one two three"
    assert splitter.feed(" four </th").reasoning == " four "
    assert splitter.thinking
