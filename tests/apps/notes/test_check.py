from __future__ import annotations

import pytest

from lemmata.apps.notes.check import Checked, check
from lemmata.apps.notes.vault import Vault
from lemmata.apps.notes.writing import annotated, edits
from lemmata.errors import BadInput


def states(checked: Checked) -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in checked.findings]


def test_derivations(vault: Vault) -> None:
    first, second = check(vault.read("Algebra/Quadratics.md"))
    assert (first.heading, first.state) == ("Exercise 1", "holds")
    assert states(first) == [("step", "holds")] * 3
    assert first.problem.startswith("the roots of")
    assert (second.state, second.gold) == ("fails", "86")
    assert states(second) == [
        ("step", "fails"), ("step", "holds"), ("step", "holds"), ("answer", "fails"),
    ]  # fmt: skip
    assert second.first_wrong is not None
    assert "56, not 54" in second.first_wrong.reason


def test_programs_run_on_the_examples_that_the_note_gives(vault: Vault) -> None:
    factorial, largest = check(vault.read("Programs.md"))
    assert [(one.text, one.state) for one in factorial.findings] == [
        ("fact(0) == 1", "holds"), ("fact(5) == 120", "fails"), ("fact(3) == 6", "fails"),
    ]  # fmt: skip
    assert [one.reason for one in factorial.findings] == [
        "", "returned 24, expected 120", "returned 2, expected 6",
    ]  # fmt: skip
    assert largest.state == "holds"
    assert [one.text for one in largest.findings] == [
        "largest([3, 9, 2]) == 9", "largest([-5, -7]) == -5",
    ]  # fmt: skip


CASES = {
    "syntax": ("def f(:", "program", "fails"),
    "no example": ("def f():\n    return 1", "program", "unchecked"),
    "endless": ("def f():\n    while True: pass\nassert f() == 1", "example", "fails"),
    "leaving": ("import sys\ndef f():\n    sys.exit(0)\nassert f() == 1", "example", "fails"),
    "at a prompt": ("def f(n):\n    return n + 1\n\n>>> f(1)\n2", "example", "holds"),
    "in an expression": (
        "def f(n):\n    return n\nassert abs(f(-1)) + f(1) < 3\n\n>>> f(1) + 1\n2",
        "example",
        "holds",
    ),
    "pairs": ("print(sum(map(int, input().split())))", "example", "holds"),
}


@pytest.mark.parametrize("name", CASES)
def test_kinds_of_programs(name: str) -> None:
    code, kind, state = CASES[name]
    before = "Input:\n2 3\n\nOutput:\n5\n\n" if name == "pairs" else ""
    text = f"{before}```python\n{code}\n```"
    (one,) = check(text, 0, text.count("\n") + 1)
    assert set(states(one)) == {(kind, state)}


def test_only_the_selection_is_checked_and_what_claims_nothing_is_left_out(vault: Vault) -> None:
    text = vault.read("Algebra/Quadratics.md")
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("Solution: 2^2"))
    (one,) = check(text, at, at + 1)
    assert one.heading == "Exercise 1"
    assert check("Just some words. And more.") == []
    (said,) = check("Solution: just some words.\n\n2 + 2 = 4.", 0, 3)
    assert states(said) == [("step", "unchecked"), ("step", "holds")]
    with pytest.raises(BadInput, match="empty"):
        check(" \n ")
    with pytest.raises(BadInput, match="selection"):
        check("# Only a heading", 0, 1)


@pytest.mark.parametrize("note", ["Algebra/Quadratics.md", "Programs.md", "概率.md"])
def test_callouts_are_replaced_and_nothing_else_changes(vault: Vault, note: str) -> None:
    text = vault.read(note)
    after = annotated(text, check(text))
    assert annotated(after, check(after)) == after, "a second check changes nothing"
    kept = [line for line in after.split("\n") if line.strip() and not line.startswith(">")]
    assert kept == [line for line in text.split("\n") if line.strip()]
    assert "|lemmata] " in after
    changed = text.split("\n")
    for edit in reversed(edits(text, after)):
        changed[edit.first : edit.last] = edit.lines
    assert "\n".join(changed) == after


def test_a_persons_own_lines_survive() -> None:
    text = "2 + 2 = 4.\n\n> [!success] mine\n> kept\n\n3 + 3 = 7."
    after = annotated(text, check(text))
    assert "> [!success] mine\n> kept" in after
    below = after.replace("> 2 + 2 = 4.\n", "> 2 + 2 = 4.\nwritten right below\n", 1)
    assert "written right below" in annotated(below, check(below))


def test_unchecked_steps_are_listed_as_such() -> None:
    text = "Proof: clearly this holds for all n. Then 2 + 2 = 4."
    assert "[!question|lemmata]- Not checked: 1" in annotated(text, check(text))


def test_a_number_of_the_problem_that_is_only_said_again_gets_no_mark() -> None:
    text = "Problem: a rectangle is 7 by 8. What is its area?\n\nSolution: the answer is 8."
    (one,) = check(text)
    assert states(one) == [("step", "unchecked")]
    assert "Not checked: 1" in annotated(text, [one])


@pytest.mark.parametrize(
    ("head", "statement", "heading", "attempt"),
    [
        ("Sums", "What is 2 + 3 times 4?", "Solution", "3 * 4 = 12. 2 + 12 = 15."),
        ("二次方程", "求 2 与 3 的乘积。", "解答", "2 * 3 = 7。"),
        ("A theorem", "Add 1 and 1.", "My proof 2", "1 + 1 = 3."),
    ],
)
def test_a_heading_that_says_solution_belongs_to_the_problem_above_it(
    head: str, statement: str, heading: str, attempt: str
) -> None:
    (found,) = check(f"# {head}\n\n{statement}\n\n## {heading}\n\n{attempt}\n")
    assert (found.problem, found.attempt, found.state) == (statement, attempt, "fails")


def test_a_problem_of_its_own_may_be_called_solution() -> None:
    (found,) = check("# Solution\n\n2 + 2 = 5.\n")
    assert found.heading == "Solution"


def test_an_answer_key_among_the_steps_and_the_line_of_each_step() -> None:
    note = "## 解答\n3 + 5 = 8\n8 - 3 = 6\n标准答案：5\n所以 2 + 2 = 4\n"
    (checked,) = check(note)
    assert checked.gold == "5"
    assert [(one.kind, one.state, one.at) for one in checked.findings[:2]] == [
        ("step", "holds", 1), ("step", "fails", 2),
    ]  # fmt: skip
    assert "标准答案" not in checked.attempt
    assert checked.findings[-2].at == 4
    assert (checked.findings[-1].kind, checked.findings[-1].state) == ("answer", "fails")
