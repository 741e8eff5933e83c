from __future__ import annotations

import pytest

from lemmata.data.examples import to_line
from lemmata.errors import BadData
from lemmata.prompts import roles
from lemmata.train import gate_questions, samples
from lemmata.train.gate_questions import Question
from lemmata.train.recipe import from_fields
from lemmata.types import Example, Message

pytestmark = pytest.mark.train


def recipe(**fields):
    return from_fields({"name": "mine", "data": "a", **fields})


def test_machine_made_problems_are_framed_as_served_and_none_is_trained_on():
    asked = gate_questions.target(recipe(target="task:vieta:12"), frozenset())
    assert len(asked) == 12
    assert asked[0].messages == roles.apply(asked[0].text, task="math")
    drawn = list(gate_questions._rows("task:vieta:12", recipe()))
    trained = {samples.about_what(row) for row in drawn[:5]}
    left = gate_questions.target(recipe(target="task:vieta:12"), frozenset(trained))
    assert {one.text for one in left} < {one.text for one in asked}
    assert len(left) == 7


def test_stars_and_bars_asks_what_its_family_holds_out():
    asked = gate_questions.target(recipe(target="task:stars-and-bars:20"), frozenset())
    trained = {samples.about_what(row.example)
               for row in samples.read("task:stars-and-bars:300", recipe())}  # fmt: skip
    again = gate_questions.target(recipe(target="task:stars-and-bars:20"), frozenset(trained))
    assert len(asked) == 20
    assert asked == again


def test_a_file_gives_its_rows_that_have_a_gold_answer(tmp_path):
    path = tmp_path / "held.jsonl"
    turns = [(Message("user", f"What is {n}?"),) for n in range(3)]
    metas = [{"gold": "0"}, {}, {"gold": "2"}]
    path.write_text("".join(to_line(Example(t, "", m)) for t, m in zip(turns, metas, strict=True)))
    asked = gate_questions.target(recipe(target=str(path), role="none"), frozenset())
    assert [(one.text, one.gold) for one in asked] == [("What is 0?", "0"), ("What is 2?", "2")]
    with pytest.raises(BadData, match="no problem with a gold answer that no row is about"):
        gate_questions.target(recipe(target=str(path)), frozenset({"What is 0?", "What is 2?"}))


def test_no_more_than_asked_for_and_evenly_from_all_families():
    asked = gate_questions.target(recipe(target="task:number-theory:80", gate_problems=8),
                                  frozenset())  # fmt: skip
    whole = gate_questions.target(recipe(target="task:number-theory:80", gate_problems=200),
                                  frozenset())  # fmt: skip
    assert len(asked) == 8
    places = [whole.index(one) for one in asked]
    assert max(places) > 0.8 * len(whole)


def test_the_shipped_retention_set_is_bare_and_in_both_languages():
    asked = gate_questions.retention(recipe(gate_problems=100), frozenset())
    assert len(asked) == len({one.text for one in asked}) > 40
    assert all(one.says and len(one.messages) == 1 for one in asked)
    assert sum(not one.text.isascii() for one in asked) >= 8


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("There are 7 days.", True), ("seven", True), ("Seven days!", True), ("17 days", False),
        ("7.", True), ("seventeen", False), ("", False),
    ],
)  # fmt: skip
def test_an_answer_is_said_as_a_word_of_its_own(answer, right):
    asked = Question((), "How many days?", says=("7", "seven"))
    assert asked.right(answer) is right


def test_chinese_words_need_no_spaces():
    assert Question((), "法国的首都是哪里？", says=("巴黎",)).right("法国的首都是巴黎。")


@pytest.mark.parametrize(
    ("text", "answer", "same"),
    [("How many?", "There are 7.", True), ("How many?", "一共七个。", False),
     ("有多少个？", "一共七个。", True), ("有多少个？", "\\boxed{7}", True),
     ("有多少个？", "There are seven.", False)],
)  # fmt: skip
def test_an_answer_is_in_the_language_of_its_question(text, answer, same):
    assert Question((), text, "7").in_its_language(answer) is same
