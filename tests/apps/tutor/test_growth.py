"""Growth of the exercises' programs, and how laws compare."""

from __future__ import annotations

import pytest

from lemmata.apps.tutor import growth
from lemmata.apps.tutor.exercise import open_exercise
from lemmata.solve.programs.complexity import Growth


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
    assert (found.law, found.by) == (law, "steps")
    assert growth.above(found, exercise.complexity) == bool(wrong)


SLICES = "def running(numbers):\n    return [sum(numbers[:i + 1]) for i in range(len(numbers))]\n"


def test_work_inside_c_functions_counts() -> None:
    found = growth.measure(open_exercise("running-sums"), SLICES)
    assert found is not None
    assert (found.law, found.by) == ("n^2", "steps")
    assert growth.above(found, "n")


def test_what_no_step_shows_is_told_by_seconds_that_grow_clearly_faster() -> None:
    """As those of products of long numbers do."""
    steps = Growth("n", "steps", 16)
    for power, law in ((1.2, None), (2.0, "n^2"), (2.9, "n^3")):
        found = growth._of_seconds([(2**k, 1e-9 * 2 ** (power * k)) for k in range(9, 15)], steps)
        assert (found.law if found else None) == law


@pytest.mark.parametrize(
    ("call", "law"),
    [("sorted(numbers)", "n log n"), ("list(Counter(numbers))", "n"), ("numbers[::-1]", "n")],
)
def test_a_program_is_not_called_slower_for_a_cache(call: str, law: str) -> None:
    source = f"from collections import Counter\n\n\ndef running(numbers):\n    return {call}\n"
    found = growth.measure(open_exercise("running-sums"), source)
    assert found is not None
    assert found.law == law


def test_integers_are_measured_at_their_dearest() -> None:
    """Half of them are even, and cost nothing."""
    gcd = open_exercise("fibonacci")
    source = (
        "def fibonacci(n):\n    d = 2\n    while d < n and n % d:\n        d += 1\n    return d\n"
    )
    found = growth.measure(gcd, source)
    assert found is not None
    assert found.law == "n"


def test_nothing_grows() -> None:
    exercise = open_exercise("gcd")
    assert growth.measure(exercise, exercise.reference) is None


def test_laws_are_ordered() -> None:
    laws = ["1", "log n", "sqrt n", "n", "n log n", "n^2", "n^2 log n", "n^3", "1.3^n"]
    ranks = [growth.rank(law) for law in laws]
    assert ranks == sorted(ranks, key=lambda rank: rank or 0.0)
    assert len(set(ranks)) == len(laws)
    assert growth.rank("fast") is None


def test_a_scan_is_told_from_a_binary_search() -> None:
    exercise = open_exercise("binary-search")
    for source, law in (
        (exercise.reference, "log n"),
        ("def find(numbers, wanted):\n    return -1 if wanted not in numbers else 0\n", "n"),
        (HALVES, "n"),
    ):
        found = growth.measure(exercise, source)
        assert found is not None
        assert found.law == law


HALVES = """
def find(n, w):
    m = len(n) // 2
    if not n or n[m] == w:
        return m if n else -1
    if n[m] > w:
        return find(n[:m], w)
    return -1 if (place := find(n[m + 1:], w)) < 0 else m + 1 + place
"""
