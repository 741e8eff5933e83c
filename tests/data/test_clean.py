from __future__ import annotations

import pytest

from lemmata.data import test_sets
from lemmata.data.clean import DISAGREE, MIXED, UNDECIDED, Cleaner, Rules, lacks_derivation
from lemmata.data.row import (
    ANSWER_ONLY,
    CONTAMINATED,
    EXACT_TWIN,
    OTHER_LANGUAGE,
    WRONG_ANSWER,
    WRONG_STEP,
    Sample,
)
from lemmata.data.tally import Tally
from lemmata.types import Example, Message
from lemmata.verify import verify_math

PROBLEM = "A shop sells {} pens on Monday and {} pens on Tuesday; how many pens is that altogether?"


def sample(problem: str, completion: str, line: int = 1, **meta: object) -> Sample:
    return Sample("rows", line, Example((Message("user", problem),), completion, dict(meta)))


def pens(a: int, b: int, answer: int | None = None, line: int = 1, **meta: object) -> Sample:
    total = a + b if answer is None else answer
    text = f"We add both days: {a} + {b} = {total}.\nThe answer is \\boxed{{{total}}}."
    return sample(PROBLEM.format(a, b), text, line, **meta)


def reasons(rules: Rules, *samples: Sample) -> tuple[list[bool], Tally]:
    tally = Tally()
    cleaner = Cleaner(rules, tally)
    return [cleaner.admit(row) for row in samples], tally


@pytest.mark.parametrize(
    "text",
    ["42", "\\boxed{66}", "The answer is \\boxed{\\frac{1}{2}}.", "#### 72", "答案是 66。", "x = 5",
     "So it is 12 apples.", "所以答案为 \\boxed{C_{12}^{2}}", "Final answer: 3"],
)  # fmt: skip
def test_bare_answers_are_told(text: str) -> None:
    assert lacks_derivation(text)


@pytest.mark.parametrize(
    "text",
    ["48/2 = 24", "He needs 3*4=12 eggs.\n#### 12", "By stars and bars there are C(12, 2) = 66.",
     "因为一共有 10 个球，去掉 3 个之后剩下 7 个，答案是 7。",
     "```python\nprint(sum(map(int, input().split())))\n```"],
)  # fmt: skip
def test_derivations_are_told(text: str) -> None:
    assert not lacks_derivation(text)


def test_answer_only_rows_are_refused_or_flagged() -> None:
    row = sample(PROBLEM, "66")
    kept, tally = reasons(Rules(), row)
    assert kept == [False]
    assert tally.dropped == {ANSWER_ONLY: 1}
    kept, tally = reasons(Rules(answer_only="flag"), row)
    assert kept == [True]
    assert tally.flagged[ANSWER_ONLY] == 1


def test_wrong_final_answers_are_dropped_by_value() -> None:
    rules = Rules(check_answer=verify_math)
    rows = (pens(3, 4, gold="7.0"), pens(5, 6, gold="12"), pens(1, 9, gold="10"))
    kept, tally = reasons(rules, *rows)
    assert kept == [True, False, True]
    assert tally.evidence[WRONG_ANSWER] == ["rows:1: gold is 12"]


def test_an_undecided_answer_is_flagged_and_kept() -> None:
    kept, tally = reasons(Rules(check_answer=verify_math), pens(3, 4, gold="2^(9^(9^(9^9))) - 5"))
    assert kept == [True]
    assert tally.flagged == {UNDECIDED: 1}


def test_derivations_are_checked_by_whoever_can() -> None:
    def first_wrong(text: str) -> str:
        return "3 + 4 = 8" if "= 8" in text else ""

    kept, tally = reasons(Rules(check_steps=first_wrong), pens(3, 4), pens(3, 5, 9), pens(3, 4, 8))
    assert kept == [True, True, False]
    assert tally.evidence[WRONG_STEP] == ["rows:1: 3 + 4 = 8"]


def test_exact_duplicates_up_to_case_and_spaces() -> None:
    first, again = pens(3, 4), pens(3, 4)
    shouted = sample(first.example.messages[0].content.upper(), first.example.completion + "  ")
    kept, tally = reasons(Rules(), first, again, shouted, pens(4, 3))
    assert kept == [True, False, False, True]
    assert tally.dropped == {EXACT_TWIN: 2}


def test_contamination_in_the_problem_and_in_the_completion() -> None:
    leak = "ten red apples lie on the old table in our small kitchen"
    rules = Rules(test_sets=(test_sets.of_texts("mine", [leak]),))
    inside = sample(PROBLEM, f"Think of this: {leak}; then 3 + 4 = 7 and we are done here.")
    kept, tally = reasons(rules, sample(leak, "1 + 2 = 3, so 3 it is"), inside, pens(3, 4))
    assert kept == [False, False, True]
    assert tally.dropped == {CONTAMINATED: 2}
    assert "mine: ten red apples" in tally.evidence[CONTAMINATED][0]


def test_languages_are_counted_mixed_ones_flagged_others_dropped() -> None:
    chinese = sample(
        "商店周一卖 3 支笔，周二卖 4 支笔，一共多少支？", "两天相加：3 + 4 = 7，一共 7 支。"
    )
    mixed = sample(
        "商店周一卖 5 支笔，周二卖 6 支笔，一共多少支？", "We add both: 5 + 6 = 11 pens."
    )
    russian = sample("Сколько ручек продал магазин за два дня?", "3 + 4 = 7, значит семь ручек.")
    kept, tally = reasons(Rules(), pens(3, 4), chinese, mixed, russian)
    assert kept == [True] * 4
    assert tally.languages == {"en": 1, "zh": 2, "other": 1}
    assert tally.flagged[MIXED] == 1
    kept, tally = reasons(Rules(languages=("zh",)), pens(3, 4), chinese, russian)
    assert kept == [False, True, False]
    assert tally.dropped == {OTHER_LANGUAGE: 2}


def test_one_problem_with_two_golds_is_flagged() -> None:
    first, second = pens(3, 4, gold="7"), pens(3, 4, 8, gold="8")
    _, tally = reasons(Rules(), first, second)
    assert tally.flagged[DISAGREE] == 1


def test_groups_and_conversations_stay_together() -> None:
    tally = Tally()
    cleaner = Cleaner(Rules(near=0.6), tally)
    rows = [
        pens(3, 4, group="one"), sample("甲乙共有几个？", "3 + 4 = 7，共 7 个。", group="one"),
        pens(13, 14, line=7), sample("And then?", "13 + 1 = 14, 14 + 14 = 28", line=7),
        sample(PROBLEM.format(13, 14) + " Say.", "13 + 14 = 27, by adding them.", line=8),
        sample("What is a prime number?", "2 = 2 * 1 = 2 + 0", line=9),
    ]  # fmt: skip
    assert all(cleaner.admit(row) for row in rows)
    cluster = cleaner.settle().cluster
    assert cluster[0] == cluster[1], "one group"
    assert cluster[2] == cluster[3] == cluster[4], (
        "one conversation, and the twin of its first turn"
    )
    assert len(set(cluster)) == 3
