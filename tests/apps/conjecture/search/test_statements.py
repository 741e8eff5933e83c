"""The shipped statements, searched to their limits: half are false, and none may be misreported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lemmata.apps.conjecture import NotUnderstood, Outcome, formalise, search, write_report
from lemmata.apps.conjecture.data.statements import Statement, Wording, statements, wordings
from lemmata.apps.conjecture.exact.judges import judge
from lemmata.apps.conjecture.search.points import from_json, key


def _outcome(statement: Statement) -> Outcome:
    budget = 60 if statement.truth == "false" else 5
    *_, last = search(statement.gold(), budget, limit=statement.limit, seed=1)
    assert isinstance(last, Outcome)
    return last


def test_there_are_enough_of_all_kinds() -> None:
    fields = {statement.field for statement in statements()}
    assert fields == {"number theory", "combinatorics", "inequalities", "sequences", "graphs"}
    false = [s for s in statements() if s.truth in {"false", "far"}]
    assert len(statements()) >= 40
    assert 0.4 <= len(false) / len(statements()) <= 0.6


@pytest.mark.parametrize("statement", statements(), ids=lambda s: s.id)
def test_none_is_misreported(statement: Statement, tmp_path: Path) -> None:
    outcome = _outcome(statement)
    assert outcome.tally["disagreements"] == 0
    if statement.truth != "false":
        assert outcome.state in {"no counterexample", "proved"}
        assert outcome.counterexample is None
        assert outcome.covered >= 3
        assert outcome.state == "no counterexample" or outcome.complete or outcome.proof
        return
    assert outcome.state == "refuted"
    assert outcome.counterexample is not None
    point = from_json(outcome.counterexample)
    assert judge(statement.gold()).judge(point) == "fails"
    if statement.least is not None:
        assert outcome.minimal
        assert key(point) == key(from_json(statement.least))
    if statement.least_order is not None:
        assert point[0].order == statement.least_order
    _checker_agrees(statement, outcome, tmp_path)


def _checker_agrees(statement: Statement, outcome: Outcome, folder: Path) -> None:
    """The standalone script, run by an interpreter that cannot see Lemmata, says the same."""
    write_report(folder, statement.gold(), outcome)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "checker.py"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the conjecture is refuted" in done.stdout


@pytest.mark.parametrize(
    "wording", [w for w in wordings() if w.truth], ids=lambda wording: wording.said[:40]
)
def test_no_new_wording_is_misreported(wording: Wording) -> None:
    """From the words to the report: a true one is never refuted, a false one is, least first."""
    try:
        spec = formalise(wording.said)
    except NotUnderstood:
        return
    false = wording.truth == "false"
    *_, outcome = search(spec, 60 if false else 0.2, limit=None if false else 60, seed=1)
    assert isinstance(outcome, Outcome)
    assert outcome.tally["disagreements"] == 0
    if not false:
        assert outcome.counterexample is None
        assert wording.truth == "true" or outcome.state == "no counterexample"
        return
    assert outcome.state == "refuted"
    assert outcome.minimal
    assert wording.least is None or outcome.counterexample == wording.least
