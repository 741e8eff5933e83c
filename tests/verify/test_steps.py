"""Derivations checked step by step: what holds, what fails, what jumps; on real solutions too."""

from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path

import pytest

from lemmata.verify import verify_steps

DATA = Path(__file__).parents[1] / "data" / "verify"
DERIVATIONS = [
    json.loads(line)
    for line in (DATA / "derivations.jsonl").read_text(encoding="utf-8").splitlines()
]
GSM8K = [json.loads(line)["answer"] for line in (DATA / "gsm8k.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", DERIVATIONS, ids=lambda case: case["text"][:50])
def test_the_first_wrong_step_is_found(case: dict[str, object]) -> None:
    report = verify_steps(str(case["text"]))
    assert report.first_wrong == case["first_wrong"], [s.reason for s in report.steps]


def test_a_failing_step_shows_the_right_value() -> None:
    report = verify_steps("16 - 3 - 4 = 8")
    assert report.steps[0].state == "fails"
    assert "9" in report.steps[0].reason


def test_spans_cover_the_steps() -> None:
    text = "  First, 2 + 2 = 4.\n\nThen 4 * 3 = 12. Done."
    for step in verify_steps(text).steps:
        assert text[step.start : step.end] == step.text


def test_coverage_counts_the_checked_steps() -> None:
    report = verify_steps("2 + 2 = 4. We are glad. 3 + 3 = 6. So it goes.")
    assert [step.state for step in report.steps] == ["holds", "unchecked", "holds", "unchecked"]
    assert report.coverage == 0.5


def test_an_answer_from_nowhere_is_a_jump() -> None:
    report = verify_steps("The sum is 5 + 6 = 11. The answer is 937.")
    assert [step.jump for step in report.steps] == [False, True]
    assert not any(step.jump for step in verify_steps("So 5 + 6 = 11. The answer is 22.").steps)


def test_the_numbers_of_the_problem_are_known() -> None:
    assert verify_steps("The answer is 12.", "Tom has 12 eggs.").steps[0].jump is False
    for text in ("The answer is: 8", "The width is 8. The answer is \\boxed{8}"):
        steps = verify_steps(text, "What is the area of a rectangle of 7 by 8?").steps
        assert steps[-1].state == "unchecked", "a number of the problem proves nothing"
    reached = verify_steps("12 - 4 = 8. The answer is 8.", "Of 12, 4 go. Is it 8?").steps
    assert reached[-1].state == "holds"
    assert verify_steps("The answer is 937.", "Tom has 12 eggs.").steps[0].jump is True


def test_cases_and_conditions_are_no_contradictions() -> None:
    for text in (
        "If n = 2, then n^2 = 4. If n = 3, then n^2 = 9.",
        "Case 1: x = 1. Case 2: x = 2.",
        "Let x = 2. Then 3x = 6. Let x = 5. Then 3x = 15.",
        "For n > 2 the claim holds. Try n = 1.",
        "$a^2 + b^2 = c^2$ with $a = 3$.",
    ):
        assert verify_steps(text).first_wrong is None, text


SENTENCES = [
    (line[0], line[2:])
    for line in (DATA / "sentences.txt").read_text(encoding="utf-8").splitlines()
    if line[0] in "+-"
]


def test_no_right_sentence_fails() -> None:
    right = [text for sign, text in SENTENCES if sign == "+"]
    assert len(right) >= 150
    assert [text for text in right if verify_steps(text).first_wrong is not None] == []


def test_changed_sentences_are_caught() -> None:
    wrong = [text for sign, text in SENTENCES if sign == "-"]
    missed = [text for text in wrong if verify_steps(text).first_wrong is None]
    assert len(missed) <= len(wrong) * 0.05, missed


def test_worked_solutions_raise_no_alarm() -> None:
    alarms = [text for text in GSM8K if verify_steps(text).first_wrong is not None]
    assert alarms == []


def test_a_changed_mark_is_seen() -> None:
    """Every mark of every solution, with its value changed by one."""
    missed = total = 0
    for seed, text in enumerate(GSM8K):
        chance = random.Random(seed)
        marks = list(re.finditer(r"<<[^<>]*=(\d+)>>", text))
        for mark in marks:
            value = int(mark[1]) + chance.choice((1, 2, 10))
            total += 1
            changed = text[: mark.start(1)] + str(value) + text[mark.end(1) :]
            missed += verify_steps(changed).first_wrong is None
    assert total > 50
    assert missed == 0


LONG = {
    "displays that never close": "\\[" * 50_000,
    "dollars": "$" * 100_000,
    "marks": "<<" * 50_000,
    "sum": "1+" * 50_000 + "1 = 2",
    "chain": "1 = " * 30_000 + "1",
    "brackets": "(" * 50_000 + "1 = 2",
    "digits": "9" * 100_000 + " = 1",
    "tower": "2^" * 2000 + "2 = 1",
    "words": "is divided by " * 10_000,
    "lines": "x = 1\n" * 5000,
    "equations": "".join(f"x_{n} + y = {n}.\n" for n in range(2000)),
    "factorials": "100000! = 3. 99999999! = 4.",
    "modulus": "2^{10^{100}} \\equiv 3 \\pmod{7}",
    "chinese": "除以" * 20_000,
    "chinese sums": "一加" * 20_000,
    "chinese digits": "一二三四五六七八九十" * 5000 + "加",
    "spelled": "twenty-" * 20_000,
    "conversions": "3小时=" * 20_000,
    "arrows": "⇒" * 50_000,
    "spaces": "5" + " " * 100_000 + "times 3",
}


@pytest.mark.parametrize("name", LONG)
def test_hostile_derivations_end_soon(name: str) -> None:
    start = time.monotonic()
    verify_steps(LONG[name])
    assert time.monotonic() - start < 30
