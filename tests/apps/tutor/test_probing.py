"""What is watched once and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lemmata.apps.tutor import grade as grading
from lemmata.apps.tutor.exercise import open_exercise
from lemmata.apps.tutor.probing import Probe, Remembered

DOUBLE = "def double(n):\n    return 2 * n\n"


class Counting:
    """A real probe that notes what it is asked."""

    function = "double"

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def watch(self, inputs: Sequence[Any], keep: int = 0) -> list[Any]:
        self.asked += inputs
        return Probe(DOUBLE, "double").watch(inputs, keep)


def test_each_input_is_run_once() -> None:
    probe = Counting()
    known = Remembered(probe)  # type: ignore[arg-type]
    first = known.watch([(1,), (2,), (1,)])
    second = known.watch([(2,), (3,)])
    assert [seen.value for seen in first if seen] == [2, 4, 2]
    assert [seen.value for seen in second if seen] == [4, 6]
    assert probe.asked == [(1,), (2,), (3,)]


def test_a_shared_key_gives_the_same_grades() -> None:
    exercise = open_exercise("gcd")
    key = grading.key_of(exercise)
    for source in (exercise.reference, "def gcd(a, b):\n    return a\n"):
        alone = grading.grade(exercise, source, with_style=False)
        assert grading.grade(exercise, source, with_style=False, key=key) == alone
