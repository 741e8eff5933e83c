"""A class: verdicts, clusters, look-alikes, and exports that are safe to open."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from lemmata.apps.tutor.classroom import alike, grade_class
from lemmata.apps.tutor.exercise import open_exercise
from lemmata.errors import BadInput

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
    assert found.clusters() == {"crash": ["dai"]}
    assert [{p.first, p.second} for p in found.alike] == [{"=bob", "ann"}]
    assert told[-1] == (5, 5)
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert rows[0]["student"] == "'=bob", "no spreadsheet takes it for a formula"
    assert rows[1]["tests passed"] == "3"
    assert "| dai | RE | 2/3 | crash | 2 |" in found.to_markdown()
    assert "empty" in rows[4]["mistake"]


def test_renaming_hides_nothing_and_short_different_programs_are_not_alike() -> None:
    (pair,) = alike({"a": RIGHT, "b": COPIED, "c": OTHER})
    assert (pair.first, pair.second) == ("a", "b")
    assert pair.share == 1.0


def test_what_everybody_writes_is_no_sign() -> None:
    everybody = {f"s{n}": RIGHT for n in range(6)}
    assert alike(everybody) == []


def test_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no \.py files"):
        grade_class(open_exercise("gcd"), tmp_path)
