"""Real programs in the real sandbox."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lemmata.solve import Options, Trial, solve_events
from lemmata.solve.continuation import fenced
from lemmata.solve.programs import statement
from lemmata.solve.programs.behaviour import Bench, Program, program_of
from lemmata.types import Problem, Solution
from lemmata.verify.sandbox import level
from scripted import ScriptedEngine

pytestmark = pytest.mark.skipif(level().rung == "none", reason="no sandbox on this machine")

STATEMENT = """Write a program that reads n and n integers and prints the sum of the positive ones.
Sample Input
4
3 -1 2 -5
Sample Output
5
"""
LOOP = "n=int(input())\ns=0\nfor x in input().split():\n    if int(x)>0: s+=int(x)\nprint(s)\n"
COMPREHENSION = "input()\nprint(sum(max(0, int(x)) for x in input().split()))\n"
QUADRATIC = (
    "n=int(input())\na=list(map(int,input().split()))\ns=0\nfor i in range(n):\n"
    "    for j in range(n):\n        if i==j and a[j]>0: s+=a[j]\nprint(s)\n"
)
WRONG = "input()\nprint(sum(map(int, input().split())))\n"
CRASH = "print(undefined)\n"


def written(program: str, claim: str = "O(n)") -> str:
    return f"We add them up.\n```python\n{program}```\nTime {claim}."


def collect(replies: list[str], text: str = STATEMENT, **asked: Any) -> list[Any]:
    async def run() -> list[Any]:
        engine = ScriptedEngine(replies)
        return [event async for event in solve_events(Problem(text, task="code"), engine, **asked)]

    return asyncio.run(run())


def test_what_passes_its_examples_is_checked_and_measured() -> None:
    events = collect([written(LOOP)])
    solution = events[-1]
    assert isinstance(solution, Solution)
    assert (solution.verdict.state, solution.answer) == ("checked", LOOP)
    assert solution.evidence[0].startswith("1/1 examples of the statement pass; 12/12 generated")
    assert "measured O(n) by steps" in solution.evidence[1]
    assert solution.evidence[1].endswith("claimed O(n), which agrees")
    (trial,) = (event for event in events if isinstance(event, Trial))
    assert (trial.passed, trial.examples) == (1, 1)


def test_a_false_claim_stands_beside_what_was_measured() -> None:
    (solution,) = (e for e in collect([written(QUADRATIC)]) if isinstance(e, Solution))
    assert "measured O(n^2)" in solution.evidence[1]
    assert solution.evidence[1].endswith("claimed O(n)")


def test_programs_that_do_the_same_vote_together() -> None:
    replies = [written(WRONG), written(LOOP), written(COMPREHENSION), written(CRASH)]
    solution = collect(replies, votes=4)[-1]
    assert solution.verdict.state == "checked"
    assert solution.answer in {LOOP, COMPREHENSION}
    assert "2/" in solution.evidence[1]


def test_an_example_that_fails_refutes() -> None:
    solution = collect([written(WRONG)])[-1]
    assert solution.verdict.state == "refuted"
    assert "expected '5'" in solution.verdict.reason


def test_without_examples_only_agreement_counts() -> None:
    text = "Write a program that reads one integer n (0 <= n <= 40) and prints n squared."
    square = "n=int(input())\nprint(n*n)\n"
    assert collect([written(square)], text)[-1].verdict.state == "unverified"
    agreed = collect([written(square), written("print(int(input())**2)\n")], text, votes=2)[-1]
    assert (agreed.verdict.state, agreed.verdict.reason) == ("agreed", "2/2")


def test_no_program_is_no_answer() -> None:
    solution = collect(["I would rather not."])[-1]
    assert (solution.answer, solution.verdict.reason) == (None, "no program was written")


def test_a_hostile_program_harms_nobody() -> None:
    hostile = "import os,sys\nos.system('echo x > /tmp/owned')\nsys.exit(0)\n"
    solution = collect([written(hostile)])[-1]
    assert solution.verdict.state == "refuted"


def test_functions_are_called() -> None:
    text = "Write a function `double(x)`.\n>>> double(4)\n8\n"
    solution = collect([written("def double(x):\n    return 2 * x\n", "O(1)")], text)[-1]
    assert solution.verdict.state == "checked"
    assert "measured O(1)" in solution.evidence[1]


def test_which_block_is_the_program() -> None:
    text = "First\n```\n3 4\n```\nthen\n```cpp\nint main(){}\n```\n"
    assert program_of(text) == Program("int main(){}\n", "cpp")
    assert program_of("n = int(input())\nprint(n)") == Program("n = int(input())\nprint(n)")
    assert program_of("No program here.") is None
    assert program_of("```python\nprint(1)") == Program("print(1)")


def test_behaviour_is_what_it_prints() -> None:
    bench = Bench(statement.read(STATEMENT))
    same = {bench.record(Program(text)).behaviour for text in (LOOP, COMPREHENSION, QUADRATIC)}
    assert len(same) == 1
    assert bench.record(Program(WRONG)).behaviour not in same
    assert bench.record(Program(CRASH)).behaviour is None


def test_a_budget_that_ends_its_thoughts_has_it_write_the_program() -> None:
    thoughts = "<think>" + "We could add them up one by one. " * 4
    replies = [thoughts, LOOP + "```\nTime O(n)."]
    solution = collect(replies, how=Options(budget_tokens=60))[-1]
    assert solution.verdict.state == "checked"
    assert solution.answer == LOOP


def test_a_program_cut_in_the_middle_is_closed_before_another_is_asked_for() -> None:
    begun = fenced("python").after("<think>a</think>Thus:\n```python\nfor x", False, "en")
    assert begun.endswith("for x\n```\n\nThe code:\n```python\n")
    assert fenced("cpp").after("```", True, "zh").endswith("</think>\n\n代码：\n```cpp\n")
