"""`lemmata tutor` as a command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lemmata.apps.tutor.exercise import open_exercise
from lemmata.errors import BadData

RIGHT = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
CRASH = "def gcd(a, b):\n    while a % b:\n        a, b = b, a % b\n    return b\n"


def test_list_and_show(lemmata: Callable[..., Any]) -> None:
    names = json.loads(lemmata("tutor", "list", "--json", "--lang", "zh").stdout)
    assert names["gcd"] == "最大公因数"
    shown = lemmata("tutor", "show", "gcd").stdout
    assert "gcd(12, 18)" in shown
    assert "7, 0" not in shown, "a hidden test"


def test_grading_a_program(lemmata: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CRASH)
    done = lemmata("tutor", "grade", "gcd", str(tmp_path / "a.py"), "--json", "--hint", "2")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["comments"][0]["nature"] == "crash"
    assert "`gcd(1, 0)`" in told["hint"]
    (tmp_path / "b.py").write_text(RIGHT)
    assert lemmata("tutor", "grade", "gcd", str(tmp_path / "b.py")).returncode == 0


def test_grading_mathematics(lemmata: Callable[..., Any], tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("20 + 4 = 24.\n24 / 2 = 12.\nThe answer is \\boxed{12}.")
    bad.write_text("20 + 4 = 26.\n26 / 2 = 13.\nThe answer is \\boxed{13}.")
    assert lemmata("tutor", "grade", "two-equations", str(good)).returncode == 0
    done = lemmata("tutor", "grade", "two-equations", str(bad), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["first_wrong"] == 0
    assert "24" in told["steps"][0]["reason"]


def test_mistakes_are_one_line(lemmata: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CRASH)
    broken = tmp_path / "mine"
    broken.mkdir()
    (broken / "exercise.toml").write_text('title = "x"\nstatment = "y"\n')
    for words, said in (
        (("grade", "no-such", "x.py"), "no exercise no-such"),
        (("grade", "gcd", str(tmp_path / "none.py")), "cannot read"),
        (("grade", "gcd", str(tmp_path / "a.py"), "--lang", "fr"), "does not speak fr"),
        (("check", str(broken)), "unknown key statment"),
        (("class", "gcd", str(broken)), "no .py files"),
    ):
        done = lemmata("tutor", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


HEAD = 'title = "x"\nstatement = "y"\nfunction = "f"\n'
INPUT = '[[inputs]]\nname = "n"\nkind = "int"\n'
TEST = "[[tests]]\nargs = [3]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: x\n", "at line 1"),
        (HEAD + INPUT, "no tests"),
        (HEAD + INPUT + "[[tests]]\nargs = 3\n", "args of a test are a list"),
        (HEAD + INPUT + '[[tests]]\nsize = "big"\n', "its size a number"),
        (HEAD + INPUT + "[tests]\nargs = [3]\n", "begins with [[tests]]"),
        ("inputs = 3\n" + HEAD + TEST, "begins with [[inputs]]"),
        (HEAD + "[limits]\nseconds = 1\n" + INPUT + TEST, "limits are a table with time_s"),
        (HEAD + '[limits]\ntime_s = "1"\n' + INPUT + TEST, "limits are numbers"),
        (HEAD + INPUT + TEST, "reference.py is missing"),
        ('style = "gui"\n' + HEAD + INPUT + TEST, "not one of function, stdin"),
        ('style = "stdin"\nlayout = ["n k"]\n' + HEAD + INPUT + TEST, "layout names k, no input"),
    ],
)
def test_a_broken_exercise_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "exercise.toml").write_text(text)
    if said != "reference.py is missing":
        (tmp_path / "reference.py").write_text("def f(n):\n    return n\n")
    with pytest.raises(BadData) as told:
        open_exercise(tmp_path)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert str(tmp_path) not in str(told.value)


def test_cpp_by_its_ending(lemmata: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.cpp").write_text("int main() {\n    int n\n}\n")
    done = lemmata("tutor", "grade", "read-and-count", str(tmp_path / "a.cpp"), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert {test["verdict"] for test in told["tests"]} == {"CE"}
    assert (told["comments"][0]["nature"], told["comments"][0]["line"]) == ("syntax", 3)
    refused = lemmata("tutor", "grade", "gcd", str(tmp_path / "a.cpp"))
    assert refused.returncode == 2
    assert "asks for python, not cpp" in refused.stderr


def test_an_exercise_of_ones_own(lemmata: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "double"
    folder.mkdir()
    (folder / "exercise.toml").write_text(
        'title = "Double"\nstatement = "Return twice n."\nfunction = "double"\n'
        '[[inputs]]\nname = "n"\nkind = "int"\n[[tests]]\nargs = [3]\n'
    )
    (folder / "reference.py").write_text("def double(n):\n    return 2 * n\n")
    done = lemmata("tutor", "check", str(folder))
    assert (done.returncode, done.stderr) == (0, "double: sound, 1 tests\n")
    (folder / "reference.py").write_text("def double(n):\n    return 1 // (n - 1)\n")
    assert lemmata("tutor", "check", str(folder)).returncode == 2
