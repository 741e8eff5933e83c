"""Graders: what an answer is worth. One file a kind, all of one shape (`Grader`).

Grading reads only what was written, so a run can be graded again without a model.
"""

from __future__ import annotations

from lemmata.eval.graders.base import Grade, Grader

__all__ = ["Grade", "Grader", "find"]


def find(kind: str) -> Grader:
    """The grader for a benchmark's `grader`."""
    if kind == "code":
        from lemmata.eval.graders.code import CodeGrader

        return CodeGrader()
    if kind == "gym":
        from lemmata.eval.graders.gym import GymGrader

        return GymGrader()
    from lemmata.eval.graders.math import MathGrader

    return MathGrader()
