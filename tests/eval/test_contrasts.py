"""Paired comparisons: which cells are compared, on which problems, in which direction."""

from __future__ import annotations

from lemmata.eval.contrasts import along
from lemmata.eval.graders import Grade
from lemmata.eval.item import Item
from lemmata.eval.metrics import Attempts
from lemmata.eval.plan import Cell
from lemmata.eval.predictions import Prediction


def cell(role: str = "math", language: str = "en", adapter: str = "base") -> Cell:
    return Cell(role, language, "auto", adapter, "sample")


def attempt(where: Cell, pair: int, right: bool) -> Attempts:
    name = f"{pair}-{where.language}"
    item = Item(name, str(pair), str(pair), where.language, "?", "4")  # type: ignore[arg-type]
    made = Prediction("k", where.id, name, 0, "", "stop", "", 1, 1, 0.1, 0.1)
    return Attempts(item, (made,), (Grade("correct" if right else "incorrect"),))


def test_every_value_against_the_first_with_all_else_equal() -> None:
    table = {
        where: [attempt(where, pair, right=True) for pair in range(4)]
        for role in ("math", "none", "coach")
        for language in ("en", "zh")
        for where in [cell(role, language)]
    }
    found = list(along(table))
    assert [(each.axis, each.a, each.b) for each in found] == [
        ("role", "math", "none"), ("role", "math", "coach"),
        ("role", "math", "none"), ("role", "math", "coach"),
        ("language", "en", "zh"), ("language", "en", "zh"), ("language", "en", "zh"),
    ]  # fmt: skip
    assert found[0].at == {
        "language": "en", "policy": "auto", "adapter": "base", "strategy": "sample",
    }  # fmt: skip


def test_translations_of_one_problem_are_paired_and_the_gap_is_chinese_less_english() -> None:
    english, chinese = cell(), cell(language="zh")
    table = {
        english: [attempt(english, pair, right=True) for pair in range(10)],
        chinese: [attempt(chinese, pair, right=pair >= 5) for pair in range(2, 12)],
    }
    (gap,) = along(table)
    assert gap.items == 8
    assert gap.difference.value == -3 / 8
    assert gap.difference.low < -3 / 8 < gap.difference.high
    assert (gap.won, gap.lost) == ((), ("2", "3", "4"))
    assert gap.p_better < 0.1


def test_a_better_adapter_is_probably_better() -> None:
    base, tuned = cell(), cell(adapter="tuned")
    table = {
        base: [attempt(base, pair, right=False) for pair in range(20)],
        tuned: [attempt(tuned, pair, right=True) for pair in range(20)],
    }
    (gain,) = along(table)
    assert gain.p_better > 0.999
    assert gain.difference.low > 0.7


def test_nothing_in_common_is_no_contrast() -> None:
    english, chinese = cell(), cell(language="zh")
    table = {
        english: [attempt(english, 1, right=True)],
        chinese: [attempt(chinese, 2, right=True)],
    }
    assert list(along(table)) == []
