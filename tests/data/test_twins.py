from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

from lemmata.data import ngrams
from lemmata.data.twins import Twins

WORDS = [f"word{n}" for n in range(400)]


def shingles(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


def jaccard(left: list[str], right: list[str]) -> float:
    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b)


def edited(words: list[str], changes: int, rng: random.Random) -> list[str]:
    out = list(words)
    for at in rng.sample(range(len(out)), changes):
        out[at] = rng.choice(WORDS)
    return out


def test_finds_the_twins_that_exact_similarity_finds() -> None:
    rng = random.Random(1)
    rows = []
    for _ in range(60):
        base = rng.choices(WORDS, k=60)
        rows += [base, *(edited(base, changes, rng) for changes in (1, 2, 8))]
    twins = Twins(0.8)
    for number, row in enumerate(rows):
        twins.add(row, row, number)
    cluster = twins.find().cluster.tolist()
    sure = [
        (a, b) for a, b in combinations(range(len(rows)), 2) if jaccard(rows[a], rows[b]) > 0.88
    ]
    assert len(sure) > 60
    assert all(cluster[a] == cluster[b] for a, b in sure)
    apart = {
        a // 4 != b // 4 for a, b in combinations(range(len(rows)), 2) if cluster[a] == cluster[b]
    }
    assert apart == {False}, "rows of different problems were tied together"


STORY = "A farmer has {} sheep and buys {} more at the market in town. Later {} run away over a "
STORY += "hill. How many sheep does the farmer have in the end, when all is counted?"
ONE = (
    "First we add {a} and {b} to get {s}. Then we take away {c}, which leaves the answer {t} sheep."
)
TWO = "Let n be the number sought. After the purchase n was larger; the loss brings it to {t} now."


def test_variants_and_other_derivations_are_no_duplicates() -> None:
    def row(a: int, b: int, c: int, text: str) -> tuple[list[str], list[str]]:
        told = text.format(a=a, b=b, c=c, s=a + b, t=a + b - c)
        return ngrams.tokens(STORY.format(a, b, c)), ngrams.tokens(told)

    rows = [
        row(20, 15, 4, ONE),
        row(20, 15, 4, ONE + " Done."),
        row(20, 15, 4, TWO),
        row(21, 9, 4, ONE),
    ]
    twins = Twins(0.6)
    for number, (problem, completion) in enumerate(rows):
        twins.add(problem, completion, number)
    found = twins.find()
    assert found.duplicate_of == {1: 0}
    assert set(found.cluster.tolist()) == {0}, "all four are variants: they may not straddle"


def test_turns_of_one_conversation_are_no_duplicates_of_each_other() -> None:
    words = ngrams.tokens(STORY)
    twins = Twins(0.8)
    for origin in (7, 7, 8):
        twins.add(words, words, origin)
    assert twins.find().duplicate_of == {2: 0}


def test_thousands_of_rows_of_one_template_take_seconds() -> None:
    rng = random.Random(2)
    twins = Twins(0.6)
    for number in range(3_000):
        a, b, c = (rng.randint(2, 90) for _ in range(3))
        twins.add(ngrams.tokens(STORY.format(a, b, c)), ngrams.tokens(ONE), number)
    found = twins.find()
    largest = Counter(found.cluster.tolist()).most_common(1)[0][1]
    assert largest > 1_500, "rows that share most of their text belong together"
    assert found.duplicate_of


def test_no_rows_have_no_twins() -> None:
    found = Twins(0.8).find()
    assert not found.duplicate_of
    assert found.cluster.tolist() == []
