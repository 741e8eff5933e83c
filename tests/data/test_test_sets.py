from __future__ import annotations

import json
from pathlib import Path

import pytest

from lemmata.data import ngrams, test_sets
from lemmata.data.read import test_set as fingerprint_of
from lemmata.errors import BadData

SHIPPED = test_sets.shipped()


def problems(path: Path, field: str) -> list[str]:
    return [json.loads(line)[field] for line in path.read_text("utf-8").splitlines()]


def matches(text: str) -> list[str]:
    words = ngrams.tokens(text)
    return [known.name for known in SHIPPED if test_sets.match([known], words)]


def test_shipped_sets_know_the_benchmarks(files: Path) -> None:
    for problem in problems(files / "gsm8k-test-5.jsonl", "question"):
        assert matches(f"A little story before it.\n{problem.upper()}  And after.") == [
            "gsm8k-test"
        ]
    for problem in problems(files / "mgsm-3.jsonl", "zh"):
        assert matches(problem.replace(" ", "")) == ["mgsm-zh"]
    assert matches(
        "Find the sum of all integer bases b>9 for which 17_b is a divisor of 97_b."
    ) == ["aime25"]


def test_training_rows_are_mostly_clean(files: Path) -> None:
    found = [matches(problem) for problem in problems(files / "gsm8k-train-40.jsonl", "question")]
    # Row 21 is a rewording of a test problem: "… bought stamps at the post office …".
    assert [row for row, names in enumerate(found, 1) if names] == [21]


def test_nine_tokens_are_no_match_and_ten_are() -> None:
    words = [chr(97 + n // 6) + chr(97 + n % 6) for n in range(30)]
    known = test_sets.of_texts("mine", [" ".join(words)])
    assert not test_sets.match([known], [*"abc", *words[4:13], *"def"])
    assert test_sets.match([known], [*"abc", *words[4:14], *"def"]) == (
        f"mine: {' '.join(words[4:14])}"
    )


def test_a_short_problem_counts_as_a_whole() -> None:
    known = test_sets.of_texts("mine", ["What is 17 * 23?"])
    assert test_sets.match([known], ngrams.tokens("what is 17*23"))
    assert not test_sets.match([known], ngrams.tokens("what is 17*23 today"))


def test_packing_loses_nothing() -> None:
    for found in test_sets.shipped():
        assert (test_sets.unpack(test_sets.pack(found.grams)) == found.grams).all()


def test_any_file_of_problems_can_be_a_test_set(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text('problem,id\n"Ten red apples lie on the old table in our small kitchen.",1\n')
    found = fingerprint_of(path)
    assert test_sets.match(
        [found], ngrams.tokens("ten red apples lie on the old table in our garden")
    )
    path.write_text("title,id\nx,1\n")
    with pytest.raises(BadData, match="has no questions"):
        fingerprint_of(path)


def test_an_empty_set_matches_nothing() -> None:
    assert test_sets.match([test_sets.of_texts("none", [])], ngrams.tokens("anything at all")) == ""
