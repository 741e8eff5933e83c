"""Rows of a person's own whose answer is a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.conftest import measured, run_of
from lemmata.errors import BadData
from lemmata.settings import Settings
from scripted import ScriptedEngine

HUMANEVAL = {
    "task_id": "T/0", "prompt": 'def twice(n):\n    """Double it."""\n', "entry_point": "twice",
    "canonical_solution": "    return 2 * n\n",
    "test": "def check(candidate):\n    assert candidate(3) == 6\n",
}  # fmt: skip
MBPP = {
    "task_id": 7, "text": "Write a function to double a number.",
    "code": "def twice(n):\n    return 2 * n", "test_setup_code": "",
    "test_list": ["assert twice(3) == 6", "assert sorted([twice(-1)]) == [-2]"],
}  # fmt: skip
STDIO = {
    "id": "s", "problem": "编写程序，读入 n，输出它的两倍。", "solution": "print(2 * int(input()))",
    "tests": [["3\n", "6\n"], {"input": "-1\n", "output": "-2\n"}],
}  # fmt: skip


def written(tmp_path: Path, *rows: dict[str, Any]) -> str:
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.mark.parametrize("row", [HUMANEVAL, MBPP, STDIO], ids=["humaneval", "mbpp", "stdio"])
@pytest.mark.parametrize(("factor", "right"), [(2, 1.0), (3, 0.0)])
def test_programs_are_run_on_the_tests_of_their_row(
    row: dict[str, Any], factor: int, right: float, tmp_path: Path, settings: Settings
) -> None:
    run = run_of(written(tmp_path, row), settings)
    (item,) = run.items
    assert (run.plan.grader, item.task, run.plan.cells[0].role) == ("code", "code", "code")
    program = f"def twice(n):\n    return {factor} * n\n"
    if row is STDIO:
        program = f"print({factor} * int(input()))\n"
    engine = ScriptedEngine(lambda _: f"```python\n{program}```")
    report = measured(run, engine, tmp_path / "run")
    assert report.cells[0].accuracy.value == right


def test_the_assertions_are_told(tmp_path: Path, settings: Settings) -> None:
    (item,) = run_of(written(tmp_path, MBPP), settings).items
    assert "assert twice(3) == 6" in item.problem
    assert "return 2 * n" not in item.problem


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "def twice(n):\n    return n"}, "fails its own tests"),
        ({"test_list": [3]}, "holds no text but int"),
        ({"test_list": ["assert True"]}, "calls no function"),
        ({"test_list": None, "tests": [["3"]]}, "no pair of input and output"),
    ],
)
def test_a_faulty_row_is_named(
    change: dict[str, Any], told: str, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(BadData, match=told):
        run_of(written(tmp_path, {**MBPP, **change}), settings)
