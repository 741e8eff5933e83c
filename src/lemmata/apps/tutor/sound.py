"""Whether an exercise may be set: its reference passes its own tests, its answer can be checked."""

from __future__ import annotations

from lemmata.apps.tutor.exercise import Exercise
from lemmata.errors import BadData


def refuse_unsound(exercise: Exercise) -> None:
    """Blocks for seconds. Raises BadData naming what is wrong, EnvironmentMissing (no sandbox)."""
    from lemmata.apps.tutor.grade import grade
    from lemmata.verify import verify_math

    if exercise.subject == "mathematics":
        if verify_math(exercise.gold, exercise.gold).state != "correct":
            raise BadData(
                f"the answer {exercise.gold[:80]!r} cannot be checked", "Write it as in \\boxed{}."
            )
        return
    graded = grade(exercise, exercise.reference, with_style=False)
    if not graded.passed:
        why = graded.comments[0].text if graded.comments else graded.verdict
        raise BadData(
            f"the reference of {exercise.id} does not pass its own exercise: {why}",
            "Mend one of them.",
        )
