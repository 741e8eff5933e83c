from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lemmata.data import ngrams


def test_chinese_is_cut_by_the_character_and_words_are_folded() -> None:
    text = "Find ２ 个 $x$'s，珍妮特的鸭子: 1,234.50!"
    assert ngrams.tokens(text) == ["find", "2", "个", "x", "s", *"珍妮特的鸭子", "1234.50"]


def test_spaces_case_and_punctuation_do_not_matter() -> None:
    assert ngrams.tokens("What is  X+Y?") == ngrams.tokens("what is x + y")


def test_numbers_tell_variants_apart() -> None:
    assert ngrams.numbers(ngrams.tokens("3 apples cost 1.50, 10 cost 5")) == (
        "3",
        "1.50",
        "10",
        "5",
    )


@given(st.lists(st.sampled_from("abcdefg"), max_size=40), st.integers(1, 12))
def test_equal_runs_and_only_they_have_equal_hashes(words: list[str], n: int) -> None:
    hashed = ngrams.hashes(words, n).tolist()
    runs = [tuple(words[at : at + n]) for at in range(max(0, len(words) - n + 1))]
    assert len(hashed) == len(runs)
    assert len(set(hashed)) == len(set(runs))
    assert len(set(zip(runs, hashed, strict=True))) == len(set(runs))


def test_hashes_are_the_same_for_ever() -> None:
    # The shipped fingerprints depend on it: a change needs a new ngrams.VERSION.
    words = ngrams.tokens("How many integer solutions 有多少个")
    assert ngrams.hashes(words, 3).dtype == np.uint64
    assert int(ngrams.hashes(words, 3)[0]) == 6_617_669_460_160_500_755
