"""A class: verdicts, clusters, look-alikes, and exports that are safe to open."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata.apps.tutor.alike import alike
from lemmata.apps.tutor.classroom import Row, grade_class
from lemmata.apps.tutor.exercise import open_exercise
from lemmata.errors import BadData, BadInput

RIGHT = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
COPIED = """
def gcd(first, second):
  # my own work
  while second:
    first, second = second, first % second
  return first
"""
OTHER = "import math\n\n\ndef gcd(a, b):\n    return math.gcd(a, b)\n"
CRASH = "def gcd(a, b):\n    while a % b:\n        a, b = b, a % b\n    return b\n"


def test_a_class(tmp_path: Path) -> None:
    for name, source in {
        "ann": RIGHT,
        "=bob": COPIED,
        "cem": OTHER,
        "dai": CRASH,
        "eve": "",
    }.items():
        (tmp_path / f"{name}.py").write_text(source)
    told: list[tuple[int, int]] = []
    found = grade_class(open_exercise("gcd"), tmp_path, told=lambda *now: told.append(now))
    assert {row.student: row.verdict for row in found.rows} == {
        "=bob": "passed", "ann": "passed", "cem": "passed", "dai": "RE", "eve": "–",
    }  # fmt: skip
    (cluster,) = found.clusters()
    assert (cluster.mistake, cluster.students) == ("crash", ("dai",))
    assert cluster.example.startswith("gcd(1, 0) → ZeroDivisionError")
    assert [{p.first, p.second} for p in found.alike] == [{"=bob", "ann"}]
    assert told[-1] == (5, 5)
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert rows[0]["student"] == "'=bob", "no spreadsheet takes it for a formula"
    assert (rows[1]["passed"], rows[1]["of"]) == ("3", "3")
    assert "| dai | RE | 2 | 3 | crash | 2 |" in found.to_markdown()
    assert "empty" in rows[4]["comment"]
    assert rows[4]["growth"] == ""
    assert "- crash (gcd(1, 0) → ZeroDivisionError): dai" in found.to_markdown()


def test_renaming_hides_nothing_and_short_different_programs_are_not_alike() -> None:
    (pair,) = alike({"a": RIGHT, "b": COPIED, "c": OTHER})
    assert (pair.first, pair.second) == ("a", "b")
    assert pair.share == 1.0


def test_what_everybody_writes_is_no_sign() -> None:
    everybody = {f"s{n}": RIGHT for n in range(6)}
    assert alike(everybody) == []


def test_different_mistakes_of_one_nature_are_different_clusters(tmp_path: Path) -> None:
    other = "def gcd(a, b):\n    return [a][b]\n"
    for name, source in {"ann": CRASH, "bob": other, "cem": CRASH}.items():
        (tmp_path / f"{name}.py").write_text(source)
    found = grade_class(open_exercise("gcd"), tmp_path)
    assert [row.mistake for row in found.rows] == ["crash"] * 3
    assert [c.students for c in found.clusters()] == [("ann", "cem"), ("bob",)]


WRONG_STEP = "20 + 4 = 26.\n26 / 2 = 13.\nThe answer is \\boxed{13}."


def test_a_class_in_mathematics(tmp_path: Path) -> None:
    for name, text in {
        "ann.txt": "20 + 4 = 24.\n24 / 2 = 12.\nThe answer is \\boxed{12}.",
        "bob.md": WRONG_STEP,
        "cem.tex": WRONG_STEP.replace("\n", "\n\n"),
        "dai.txt": "",
        "notes.py": "ignored",
    }.items():
        (tmp_path / name).write_text(text)
    found = grade_class(open_exercise("two-equations"), tmp_path)
    rows = {row.student: row for row in found.rows}
    assert rows["ann"].passed
    assert (rows["bob"].mistake, rows["bob"].line) == ("wrong-step", 1)
    assert "empty" in rows["dai"].trouble
    (cluster,) = found.clusters()
    assert cluster.students == ("bob", "cem")
    assert {(p.first, p.second) for p in found.alike} == {("bob", "cem")}
    assert "12" not in str(rows["bob"].comments).replace("20 + 4", ""), "the answer stays secret"


class Memory:
    """Keeps rows as a server does."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self.put_in: list[str] = []

    def get(self, student: str, fingerprint: str) -> Row | None:
        return self.rows.get((student, fingerprint))

    def put(self, row: Row, fingerprint: str, text: str) -> None:
        self.rows[row.student, fingerprint] = row
        self.put_in.append(row.student)


def test_what_was_graded_is_not_run_again_unless_it_changed(tmp_path: Path) -> None:
    memory, gcd = Memory(), open_exercise("gcd")
    (tmp_path / "ann.py").write_text(RIGHT)
    (tmp_path / "bob.py").write_text(CRASH)
    first = grade_class(gcd, tmp_path, kept=memory)
    assert grade_class(gcd, tmp_path, kept=memory) == first
    assert memory.put_in == ["ann", "bob"]
    (tmp_path / "bob.py").write_text(OTHER)
    assert all(row.passed for row in grade_class(gcd, tmp_path, kept=memory).rows)
    assert memory.put_in == ["ann", "bob", "bob"]


def test_a_broken_exercise_stops_the_class_instead_of_blaming_each_student(tmp_path: Path) -> None:
    (tmp_path / "ann.py").write_text(RIGHT)
    broken = replace(open_exercise("gcd"), reference="def gcd(a, b):\n    return a // 0\n")
    with pytest.raises(BadData, match="reference of gcd"):
        grade_class(broken, tmp_path)


def test_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no \.py files"):
        grade_class(open_exercise("gcd"), tmp_path)
