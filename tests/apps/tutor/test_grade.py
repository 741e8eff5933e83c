"""What students and teachers are told, and what students never are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lemmata.apps.tutor.exercise import Case, Exercise, open_exercise
from lemmata.apps.tutor.grade import grade
from lemmata.errors import BadData, BadInput


@pytest.fixture(scope="module")
def sums() -> Exercise:
    return open_exercise("sum-of-list")


OFF_BY_ONE = """
def total(numbers):
    result = 0
    for i in range(len(numbers) - 1):
        result += numbers[i]
    return result
"""


def test_a_comment_names_line_input_and_both_values(sums: Exercise) -> None:
    graded = grade(sums, OFF_BY_ONE, with_style=False)
    (comment,) = graded.comments
    assert comment.line == 4
    assert "`total([1])`" in comment.text
    assert "`1` is expected" in comment.text
    assert "`0`" in comment.text
    assert not comment.opinion


def test_the_teacher_sees_the_edit_that_mends_it_and_the_student_does_not(sums: Exercise) -> None:
    graded = grade(sums, OFF_BY_ONE)
    assert "len(numbers) - 1" in graded.for_teacher()["findings"][0]["repair"]
    assert "findings" not in graded.for_student()
    assert "→" not in json.dumps(graded.for_student(), ensure_ascii=False)


def test_hidden_tests_stay_hidden(sums: Exercise) -> None:
    secret = 4711
    hiding = replace(sums, tests=(*sums.tests, Case(([secret, secret],))))
    for wrong in (
        "def total(numbers):\n    return 99\n",
        "def total(numbers):\n    return 1//0\n",
    ):
        graded = grade(hiding, wrong)
        told = json.dumps([graded.for_student(), *(graded.hint(n) for n in (1, 2, 3, 4))])
        assert str(secret) not in told
        assert str(2 * secret) not in told
        assert {
            test["reason"] for test in graded.for_student()["tests"] if not test["visible"]
        } == {""}


def test_hints_stop_at_the_teachers_cap(sums: Exercise) -> None:
    graded = grade(replace(sums, help=2), OFF_BY_ONE)
    assert graded.hint(2)
    with pytest.raises(BadInput, match="level 3"):
        graded.hint(3)


@pytest.mark.parametrize(
    ("source", "nature", "line"),
    [
        ("def total(numbers)\n    return 0\n", "syntax", 1),
        ("def sum_up(numbers):\n    return sum(numbers)\n", "missing-function", 1),
        ("def total(numbers):\n    return sum(set(numbers))\n", "wrong-value", 2),
        ("def total(numbers):\n    return str(sum(numbers))\n", "wrong-type", 2),
        ("def total(numbers):\n    return sum(numbers) + 1\n", "off-by-one", 2),
        ("def total(numbers):\n    raise SystemExit\n", "crash", 2),
        ("import os\n\ndef total(numbers):\n    os._exit(0)\n", "crash", 0),
        ("def total(numbers):\n    return numbers.sum()\n", "crash", 2),
    ],
)
def test_other_mistakes(sums: Exercise, source: str, nature: str, line: int) -> None:
    graded = grade(sums, source, with_style=False)
    assert not graded.passed
    assert (graded.findings[0].nature, graded.findings[0].line) == (nature, line)
    assert all(graded.hint(level) for level in (1, 2, 3, 4))


def test_two_mistakes_are_two_comments(sums: Exercise) -> None:
    source = """
def total(numbers):
    result = numbers[0]
    for number in numbers[2:]:
        result += number
    return result
"""
    graded = grade(sums, source, with_style=False)
    assert {finding.nature for finding in graded.findings} == {"empty-input", "off-by-one"}


def test_a_right_answer_that_changes_its_input_does_not_pass(sums: Exercise) -> None:
    source = "def total(numbers):\n    numbers.append(0)\n    return sum(numbers)\n"
    graded = grade(sums, source, with_style=False)
    assert graded.verdict == "AC"
    assert not graded.passed
    assert grade(replace(sums, keeps_input=False), source, with_style=False).passed


def test_style_is_ruffs_and_marked_as_opinion(sums: Exercise) -> None:
    source = "def total(numbers):\n    unused = 1\n    return sum(numbers)\n"
    graded = grade(sums, source)
    assert graded.passed
    (comment,) = graded.comments
    assert comment.opinion
    assert comment.nature == "style F841"
    assert comment.line == 2


def test_the_same_submission_is_told_the_same(sums: Exercise) -> None:
    first, second = (grade(sums, OFF_BY_ONE, "zh").for_teacher("zh") for _ in range(2))
    assert first == second


@pytest.mark.parametrize("source", ["", " \n", "x" * 100_001, "a\0b"])
def test_no_submission(sums: Exercise, source: str) -> None:
    with pytest.raises(BadInput):
        grade(sums, source)


@pytest.mark.parametrize(
    ("reference", "word"),
    [
        ("def total(numbers):\n    while True:\n        pass\n", "TLE"),
        ("def total(numbers:\n", "compile"),
        ("def total(numbers):\n    return numbers[0]\n", "IndexError"),
    ],
)
def test_a_broken_reference_is_the_exercises_fault(
    sums: Exercise, reference: str, word: str
) -> None:
    with pytest.raises(BadData, match=word):
        grade(replace(sums, reference=reference), OFF_BY_ONE)


def test_a_submission_that_forges_the_probe_still_fails(sums: Exercise) -> None:
    """It can spoil its own comments, never the verdict."""
    source = """
import sys

def total(numbers):
    sys.settrace(None)
    frame = sys._getframe(1)
    frame.f_globals["is_plain"] = lambda *_: True
    return 12345
"""
    graded = grade(sums, source, with_style=False)
    assert graded.verdict == "WA"
    assert not graded.passed
