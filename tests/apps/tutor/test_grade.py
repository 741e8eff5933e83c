"""What students and teachers are told, and what students never are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lemmata.apps.tutor import style
from lemmata.apps.tutor.exercise import Case, Exercise, open_exercise
from lemmata.apps.tutor.grade import grade
from lemmata.errors import BadData, BadInput, MissingExtra


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


SECRET = 471147
"""A value of hidden tests that must never be seen."""
ATTACKS = {
    "raises": "def total(numbers):\n    raise ValueError(f'got {numbers}')\n",
    "prints": "def total(numbers):\n    print(numbers)\n    return 1\n",
    "returns": "def total(numbers):\n    return list(numbers)\n",
    "globals": "import math\n\n\ndef total(numbers):\n    math.kept = [*getattr(math, 'kept', []),"
    " *numbers]\n    raise KeyError(str(math.kept))\n",
    "files": "import os\n\n\ndef total(numbers):\n    told = ''\n    for name in ('a', '/tmp/a',"
    " '/run/a', '/dev/shm/a'):\n        try:\n            told += open(name).read()\n"
    "        except OSError:\n            pass\n        try:\n"
    "            open(name, 'w').write(str(numbers))\n        except OSError:\n            pass\n"
    "    raise KeyError(told)\n",
    "rare": "def total(numbers):\n    if sum(numbers) > 400000:\n"
    "        raise KeyError(numbers[0])\n    return sum(numbers)\n",
    "daemon": "import os, time\n\n\ndef total(numbers):\n    if numbers and numbers[0] > 9:\n"
    "        if os.fork() == 0:\n            os.setsid()\n            time.sleep(1)\n"
    "            os.write(1, str(numbers).encode())\n    return 5\n",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_submission_brings_a_hidden_value_out(sums: Exercise, attack: str) -> None:
    """Hidden tests run before visible ones here, whose reasons students see."""
    tests = (Case(([SECRET, SECRET],)), Case(([1, 2],), visible=True), Case(([SECRET],)),
             Case(([3],), visible=True))  # fmt: skip
    graded = grade(replace(sums, tests=tests), ATTACKS[attack], "zh")
    hints = [graded.hint(level, language) for level in (1, 2, 3, 4) for language in ("en", "zh")]  # type: ignore[arg-type]
    told = json.dumps([graded.for_student("zh"), hints])
    assert not graded.passed
    assert str(SECRET) not in told
    assert str(2 * SECRET) not in told


def test_a_failure_on_hidden_tests_alone_is_said_without_a_value(sums: Exercise) -> None:
    tests = (*sums.tests, Case(([SECRET, SECRET],)))
    graded = grade(replace(sums, tests=tests), ATTACKS["rare"])
    (finding,) = graded.findings
    assert finding.nature == "only-hidden"
    assert "1 did not pass (RE)" in graded.comments[0].text
    assert all(80 <= len(graded.hint(level).split()) <= 160 for level in (1, 2, 3, 4))


def test_mistakes_that_show_on_rare_values_only_are_shrunk_to_them() -> None:
    leap = open_exercise("leap-year")
    graded = grade(leap, "def leap(year):\n    return year % 4 == 0\n", with_style=False)
    assert graded.findings[0].contrast is not None
    assert graded.findings[0].contrast.args == (100,)


def test_a_method_is_graded(sums: Exercise) -> None:
    reference = "class Sum:\n    def total(self, numbers):\n        return sum(numbers)\n"
    asked = replace(sums, function="Sum.total", reference=reference)
    assert grade(asked, reference).passed
    wrong = reference.replace("sum(numbers)", "sum(numbers[1:])")
    assert grade(asked, wrong).findings[0].nature == "off-by-one"


def test_a_submission_may_look_at_its_own_module(sums: Exercise) -> None:
    source = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n\n"
        "@dataclass\nclass Sum:\n    value: int\n\n\ndef total(numbers):\n"
        "    assert __file__\n    return Sum(sum(numbers)).value\n"
    )
    assert grade(sums, source).passed


def test_programs_that_read_and_write_may_be_in_cpp_and_functions_may_not(sums: Exercise) -> None:
    with pytest.raises(BadInput, match="asks for python, not cpp"):
        grade(sums, "int main() {}", spoken="cpp")
    program = open_exercise("read-and-count")
    source = (
        "#include <iostream>\nint main() {\n    int n, t, c = 0, x;\n    std::cin >> n >> t;\n"
        "    while (n--) {\n        std::cin >> x;\n        c += x > t;\n    }\n"
        "    std::cout << c;\n}\n"
    )
    graded = grade(program, source, spoken="cpp")
    assert graded.passed
    assert graded.growth is not None
    assert (graded.growth.law, graded.growth.by) == ("n", "lines")
    assert graded.tests[0].call == "3 4 ⏎ 3 8 5"


def test_without_ruff_everything_but_style_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(source: str) -> list[style.StyleComment]:
        raise MissingExtra("ruff", "tutor")

    monkeypatch.setattr(style, "check", absent)
    graded = grade(open_exercise("gcd"), "def gcd(a, b):\n    return a\n")
    assert not graded.passed
    told = [comment for comment in graded.comments if comment.nature == "style"]
    assert [comment.text.partition(".")[0] for comment in told] == ["ruff is not installed"]
    assert len(graded.comments) > 1


def test_an_edit_that_gives_the_one_value_wanted_proves_nothing() -> None:
    """Of C(n-1, k-1), C(k-1, k-1) mends every input that crashes: all of them expect 1."""
    source = "from math import comb\n\n\ndef solutions(k, n):\n    return comb(n - 1, k - 1)\n"
    graded = grade(open_exercise("stars-and-bars"), source, with_style=False)
    assert [finding.nature for finding in graded.findings] == ["crash", "wrong-value"]
