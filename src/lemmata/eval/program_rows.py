"""Rows whose answer is a program: HumanEval's and MBPP's own shapes, and tests of input and output.

    prompt, entry_point, test, canonical_solution     HumanEval
    text (or prompt), test_list, code                 MBPP
    problem, tests = [[input, output], …]             or {"input": …, "output": …} each; solution

The tests are what is asked for, so a gold program may be missing.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_DEFINED = re.compile(r"^def\s+([A-Za-z_]\w*)", re.MULTILINE)
_ASKED = ("problem", "question", "text", "prompt", "instruction")
_SOLVED = ("code", "solution", "canonical_solution", "gold", "answer")


@dataclass(frozen=True, slots=True)
class Programming:
    """`gold` is a fenced program, "" where the row has none; `extra` is what the grader needs."""

    problem: str
    gold: str
    extra: dict[str, Any]


def read(row: Mapping[str, Any]) -> Programming | None:
    """None for a row that is of none of these shapes. Raises ValueError for a faulty one."""
    if {"prompt", "entry_point", "test"} <= row.keys():
        return function(row)
    asserted, pairs = row.get("test_list"), row.get("tests")
    if isinstance(asserted, list) and asserted:
        return _asserted(row)
    return _pairs(row) if isinstance(pairs, list) and pairs else None


def function(row: Mapping[str, Any]) -> Programming:
    """A function to complete, as HumanEval has it."""
    prompt, name, test = (_text(row[key], key) for key in ("prompt", "entry_point", "test"))
    problem = (
        "Complete this Python function. Answer with the whole function in one code block.\n\n"
        f"{_fenced(prompt.rstrip())}"
    )
    solution = row.get("canonical_solution")
    gold = _fenced(f"{prompt}{solution}") if solution else ""
    return Programming(problem, gold, {"prompt": prompt, "function": name, "code": test})


def _asserted(row: Mapping[str, Any]) -> Programming:
    """A task with the assertions that its function must pass, which are shown, as MBPP does."""
    tests = [_text(test, "test_list") for test in row["test_list"]]
    gold = _gold(row)
    name = _name(tests, gold)
    if name is None:
        raise ValueError("'test_list' calls no function")
    setup = str(row.get("test_setup_code") or "")
    code = "\n".join(tests)
    problem = f"{_problem(row)}\n\nThe function must pass:\n\n{_fenced(code)}"
    extra = {"prompt": setup, "function": name, "code": code}
    return Programming(problem, gold, extra)


def _name(tests: list[str], gold: str) -> str | None:
    """The function that the tests are about: one that the gold program defines, else the first that
    is called and is not Python's own."""
    called = [name for test in tests for name in _CALLED.findall(test)]
    defined = set(_DEFINED.findall(gold))
    own = [name for name in called if name in defined] or [
        name for name in called if not hasattr(builtins, name) and name != "isclose"
    ]
    return own[0] if own else None


def _pairs(row: Mapping[str, Any]) -> Programming:
    return Programming(_problem(row), _gold(row), {"tests": [_pair(test) for test in row["tests"]]})


def _pair(test: Any) -> list[str]:
    if isinstance(test, Mapping) and {"input", "output"} <= test.keys():
        return [_text(test["input"], "tests"), _text(test["output"], "tests")]
    if isinstance(test, list) and len(test) == 2:
        return [_text(each, "tests") for each in test]
    raise ValueError("column 'tests' holds no pair of input and output")


def _problem(row: Mapping[str, Any]) -> str:
    column = next((name for name in _ASKED if name in row), None)
    if column is None:
        raise ValueError(f"no column for the problem (known: {', '.join(_ASKED)})")
    return _text(row[column], column).strip()


def _gold(row: Mapping[str, Any]) -> str:
    solution = next((row[name] for name in _SOLVED if isinstance(row.get(name), str)), "")
    return _fenced(solution) if solution.strip() and "```" not in solution else solution


def _text(value: Any, column: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"column {column!r} holds no text but {type(value).__name__}")
    return value


def _fenced(program: str) -> str:
    return f"```python\n{program}\n```"
