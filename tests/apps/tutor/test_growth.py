"""Growth of the exercises' programs, and how laws compare."""

from __future__ import annotations

import pytest

from lemmata.apps.tutor import growth
from lemmata.apps.tutor.exercise import open_exercise


@pytest.mark.parametrize(
    ("name", "wrong", "law"),
    [
        ("count-pairs", "", "n"),
        ("count-pairs", "too-slow", "n^2"),
        ("fibonacci", "", "n"),
        ("fibonacci", "too-slow", "1.6^n"),
    ],
)
def test_laws(name: str, wrong: str, law: str) -> None:
    exercise = open_exercise(name)
    path = exercise.folder / "wrong" / f"{wrong}.py"
    found = growth.measure(exercise, path.read_text("utf-8") if wrong else exercise.reference)
    assert found is not None
    assert (found.law, found.by) == (law, "bytecodes")
    assert growth.above(found, exercise.complexity) == bool(wrong)


def test_nothing_grows() -> None:
    exercise = open_exercise("gcd")
    assert growth.measure(exercise, exercise.reference) is None


def test_laws_are_ordered() -> None:
    laws = ["1", "log n", "sqrt n", "n", "n log n", "n^2", "n^2 log n", "n^3", "1.3^n"]
    ranks = [growth.rank(law) for law in laws]
    assert ranks == sorted(ranks, key=lambda rank: rank or 0.0)
    assert len(set(ranks)) == len(laws)
    assert growth.rank("fast") is None
