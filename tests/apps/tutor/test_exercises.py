"""Every shipped exercise, its reference, and every mistake that was seeded in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lemmata.apps.tutor import exercise as exercises
from lemmata.apps.tutor.grade import grade, key_of
from lemmata.apps.tutor.leak import leaks
from lemmata.apps.tutor.wording import LONGEST, SHORTEST, length

PROGRAMS = [n for n in exercises.names() if exercises.open_exercise(n).subject == "program"]
NATURES = {
    "off-by-one", "empty-input", "no-base-case", "too-slow", "wrong-formula", "mutates-input",
    "endless-loop", "no-value", "wrong-value", "crash", "too-deep", "wrong-type", "wrong-variable",
    "early-return", "swallowed-error", "shared-list", "reads-input", "wrong-layout", "no-output",
    "syntax",
}  # fmt: skip


def seeded(name: str) -> list[Path]:
    """The wrong submissions of an exercise, named by the nature of their mistake."""
    return sorted((exercises.open_exercise(name).folder / "wrong").iterdir())


def test_there_are_enough_of_every_kind() -> None:
    assert len(PROGRAMS) >= 12
    assert {path.stem for name in PROGRAMS for path in seeded(name)} == NATURES


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_reference_passes_and_no_fault_is_found_in_it(name: str) -> None:
    exercise = exercises.open_exercise(name)
    graded = grade(exercise, exercise.reference)
    assert graded.passed
    assert graded.findings == ()
    assert [test.verdict for test in graded.tests] == ["AC"] * len(exercise.tests)


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_seeded_mistake_is_diagnosed_without_a_model(name: str) -> None:
    exercise = exercises.open_exercise(name)
    key = key_of(exercise)
    for path in seeded(name):
        source, spoken = path.read_text("utf-8"), exercises.SUFFIXES[path.suffix]
        graded = grade(exercise, source, with_style=False, key=key, spoken=spoken)
        assert not graded.passed
        assert graded.findings[0].nature == path.stem, path
        assert graded.findings[0].line > 0 or path.stem in ("too-slow", "too-much-memory"), path
        for language in ("en", "zh"):
            hints = [graded.hint(level, language) for level in exercises.LEVELS]
            shortest, longest = SHORTEST[language], LONGEST[language]
            assert [h for h in hints if not shortest <= length(h, language) <= longest] == []
            statement = exercise.text("statement", language)
            assert not any(leaks(h, exercise.reference, source, statement) for h in hints)
            assert not any("–" in h or re.search(r"\{[a-z]+\}", h) for h in hints)
