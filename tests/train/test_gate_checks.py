"""What a gate demands, on answers whose worth is known."""

from __future__ import annotations

import pytest

from lemmata.train import gate_checks
from lemmata.train.gate_checks import Asked
from lemmata.train.gate_questions import Question
from lemmata.train.measure import Answer
from lemmata.train.recipe import from_fields
from lemmata.types import Message

pytestmark = pytest.mark.train


def question(gold="7", text="How many?"):
    return Question((Message("user", text),), text, gold)


def answers(right, wrong, finished=True, words=("So \\boxed{7}.", "So \\boxed{8}.")):
    return [Answer(words[0], finished, 5)] * right + [Answer(words[1], finished, 5)] * wrong


def judged(target, retention, divergence=(0.1, 0.2), **fields):
    recipe = from_fields({"name": "mine", "data": "a", **fields})
    sets = [Asked([question()] * len(before), before, after) for before, after in
            (target, retention)]  # fmt: skip
    return {check.name: check for check in gate_checks.all_of(recipe, *sets, divergence)}


def test_a_gain_without_loss_passes_everything():
    found = judged((answers(2, 8), answers(9, 1)), (answers(8, 2), answers(8, 2)))
    assert [check.passed for check in found.values()] == [True] * 5
    gain = found["target"]
    assert (gain.before, gain.after, gain.change.value) == (0.2, 0.9, pytest.approx(0.7))
    assert gain.change.low < 0.7 < gain.change.high
    assert "20.0 % of the target's problems right before, 90.0 % after: +70.0 points" in gain.says


@pytest.mark.parametrize(
    ("fails", "target", "retention", "fields"),
    [
        ("target", (answers(5, 5), answers(4, 6)), (answers(8, 2), answers(8, 2)), {}),
        ("target", (answers(5, 5), answers(6, 4)), (answers(8, 2), answers(8, 2)),
         {"target_gain": 0.2}),
        ("retention", (answers(5, 5), answers(6, 4)), (answers(9, 1), answers(7, 3)), {}),
        ("divergence", (answers(5, 5), answers(6, 4)), (answers(8, 2), answers(8, 2)),
         {"max_kl": 0.14}),
        ("format", (answers(5, 5), answers(5, 5, finished=False)), (answers(8, 2), answers(8, 2)),
         {}),
        ("language", (answers(5, 5), answers(5, 5, words=("所以答案是 \\boxed{7}。", "错了"))),
         (answers(8, 2), answers(8, 2)), {}),
    ],
)  # fmt: skip
def test_each_check_fails_alone_for_its_own_reason(fails, target, retention, fields):
    found = judged(target, retention, **fields)
    assert [name for name, check in found.items() if not check.passed] == [fails]


def test_a_loss_up_to_the_limit_is_allowed():
    found = judged((answers(5, 5), answers(5, 5)), (answers(9, 1), answers(8, 2)))
    assert found["retention"].passed
    assert "a loss of 10.0 points is allowed" in found["retention"].says


def test_a_base_that_wrote_nothing_has_moved_nowhere():
    found = gate_checks._moved((), 0.5)
    assert found.passed
    assert "wrote nothing" in found.says
