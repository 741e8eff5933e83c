"""The reference programs really run, on every test, and wrong programs are told by the tests."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from lemmata.data import tasks
from lemmata.data.tasks.catalog import FAMILIES, SETS
from lemmata.data.tasks.family import Item
from lemmata.prompts.language import Language

BOTH: tuple[Language, ...] = ("en", "zh")
_RUN_ALL = """
import contextlib, io, json, sys
for program, tests in json.load(sys.stdin):
    for given, wanted in tests:
        sys.stdin, out = io.StringIO(given), io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(program, {})
        assert out.getvalue() == wanted, (program, given, out.getvalue(), wanted)
"""


def code(item: Item) -> str:
    found = re.search(r"```python\n(.*?)```", item.derivation, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", SETS["dynamic-programming"])
def test_reference_programs_pass_their_tests(name: str) -> None:
    import json

    made = [
        (code(item), list(item.tests)) for _, _, item in tasks.unique(FAMILIES[name], 120, 0, BOTH)
    ]
    assert all(len(tests) == 6 for _, tests in made)
    # One interpreter for all: the programs are ours.
    done = subprocess.run(
        [sys.executable, "-I", "-c", _RUN_ALL], input=json.dumps(made), text=True,
        capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SETS["dynamic-programming"])
def test_a_program_runs_alone_from_standard_input(name: str) -> None:
    _, _, item = next(iter(tasks.unique(FAMILIES[name], 1, 5, BOTH)))
    given, wanted = item.tests[-1]
    done = subprocess.run(
        [sys.executable, "-I", "-c", code(item)], input=given, text=True, capture_output=True,
        timeout=20,
    )  # fmt: skip
    assert done.stdout == wanted


@pytest.mark.parametrize("name", SETS["dynamic-programming"])
def test_no_constant_passes_the_tests(name: str) -> None:
    for _, _, item in tasks.unique(FAMILIES[name], 120, 0, BOTH):
        assert len({wanted for _, wanted in item.tests}) > 1, item.tests
