"""Derivations: the line of the mistake, comments, hints in both languages, nothing of the gold."""

from __future__ import annotations

import pytest

from lemmata.apps.tutor.exercise import LEVELS, open_exercise
from lemmata.apps.tutor.mathematics import grade
from lemmata.apps.tutor.wording import LONGEST, SHORTEST, length
from lemmata.errors import BadInput

WRONG = {
    "wrong-step": "We add.\n20 + 4 = 26.\n26 / 2 = 13.\nThe answer is \\boxed{13}.",
    "wrong-answer": "20 + 4 = 24.\nThe answer is \\boxed{24}.",
    "no-answer": "I would add the two equations\nand then\n\n",
    "unreadable-answer": "20 + 4 = 24.\nThe answer is \\boxed{\\heartsuit + ?}.",
}
LINES = {"wrong-step": 2, "wrong-answer": 2}


@pytest.mark.parametrize("nature", WRONG)
def test_each_mistake_has_its_line_its_comment_and_its_hints(nature: str) -> None:
    exercise = open_exercise("two-equations")
    graded = grade(exercise, WRONG[nature])
    assert graded.nature in (nature, "wrong-answer" if nature not in LINES else nature)
    assert graded.line == LINES.get(nature, graded.line)
    for language in ("en", "zh"):
        (comment,) = graded.comments(language)  # type: ignore[arg-type]
        assert comment.line == graded.line
        hints = [graded.hint(level, language) for level in LEVELS]  # type: ignore[arg-type]
        shortest, longest = SHORTEST[language], LONGEST[language]  # type: ignore[index]
        assert [h for h in hints if not shortest <= length(h, language) <= longest] == []  # type: ignore[arg-type]
        assert not any("12" in hint or "{" in hint for hint in hints)
        told = graded.for_student(language)  # type: ignore[arg-type]
        assert "gold" not in told
        assert "12" not in str([told["comments"], told["verdict"]])
    assert graded.for_teacher()["gold"] == "12"


def test_a_right_derivation_has_nothing_to_say() -> None:
    graded = grade(open_exercise("two-equations"), "20 + 4 = 24.\n24 / 2 = 12, so \\boxed{12}.")
    assert graded.passed
    assert graded.comments() == ()
    assert graded.hint(1) == ""


@pytest.mark.parametrize("text", ["", " \n", "a\0b", "x" * 100_001])
def test_no_submission(text: str) -> None:
    with pytest.raises(BadInput):
        grade(open_exercise("two-equations"), text)
