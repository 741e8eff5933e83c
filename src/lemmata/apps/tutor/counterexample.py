"""The smallest input on which a submission and the reference differ.

Inputs are made from the exercise's own description, never taken from hidden tests: what is shown to
a student may be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from random import Random

from lemmata.apps.tutor.exercise import Exercise
from lemmata.apps.tutor.inputs import Values, draw, simpler, weight
from lemmata.apps.tutor.probing import KEEP, Remembered, Seen, Watched
from lemmata.errors import BadData

DRAWN = 240
"""Small inputs, on which most mistakes show and all are easy to follow."""
WIDE = 60
"""Inputs from the whole of the description, for what shows on large or rare values only."""
LARGE = (48, 192, 768, 3072)
"""Sizes tried where tests fail and no smaller input does."""
BATCH = 60
ROUNDS = 40
"""Steps to something simpler; each takes the smallest of a batch."""
LATE = ("endless", "MLE")
WAYS = 3
"""Ways to fail that are told apart: more at once help nobody."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One input, what was expected and what was seen, with its trace."""

    args: Values
    expected: Seen
    seen: Seen


@dataclass(frozen=True, slots=True)
class Trials:
    """Inputs with what both programs did, and the smallest failure of each way to fail."""

    all: tuple[Contrast, ...]
    smallest: tuple[Contrast, ...]
    """Simplest first, traced."""

    def failing(self, way_of: str) -> list[Contrast]:
        return [c for c in self.all if way(c) == way_of]


def way(contrast: Contrast) -> str:
    """How it fails, so that shrinking does not slip from one mistake to another; empty: it does
    not. An argument changed counts only where the value is right."""
    seen = contrast.seen
    if seen.raised:
        return seen.raised[0]
    if not seen.returned:
        return "endless" if seen.spent or seen.killed == "TLE" else seen.killed or "value"
    if not seen.same_as(contrast.expected):
        return "value"
    return "changed" if seen.changed else ""


def search(exercise: Exercise, student: Watched, reference: Remembered) -> Trials:
    """Try DRAWN inputs; shrink the smallest that fails in each way.

    The draws are seeded by the exercise: the same submission is always told the same. Raises
    BadData where the reference fails on its own inputs, probing.Broken."""
    rng = Random(exercise.id)  # noqa: S311 - for repeatable inputs
    visible = [case.args for case in exercise.tests if case.visible and case.args is not None]
    inputs = visible + list(draw(exercise.inputs, rng, DRAWN // _slower(student)))
    unique = list({repr(args): args for args in inputs}.values())
    seen = contrasts(exercise, student, reference, unique)
    seen += _wide(exercise, student, reference, rng)
    return _gathered(exercise, student, reference, seen)


def _wide(
    exercise: Exercise, student: Watched, reference: Remembered, rng: Random
) -> list[Contrast]:
    """From anywhere in the description. A program that only takes long there is not wrong: what
    did not come back, of either, is left out."""
    drawn = (
        tuple(kind.make_wide(rng) for kind in exercise.inputs)
        for _ in range(WIDE // _slower(student))
    )
    inputs = list({repr(args): args for args in drawn}.values())
    known = dict(zip(map(repr, inputs), reference.watch(inputs), strict=True))
    good = [args for args in inputs if (told := known[repr(args)]) and told.returned]
    return [c for c in contrasts(exercise, student, reference, good) if way(c) not in LATE]


def large(exercise: Exercise, student: Watched, reference: Remembered) -> Trials:
    """Sizes beyond the description's small inputs, the smallest that fails; for programs that fail
    tests and nothing else."""
    rng = Random(f"{exercise.id} large")  # noqa: S311 - for repeatable inputs
    for size in LARGE:
        if any(k.kind == "int" and not k.low <= size <= k.high for k in exercise.inputs if k.grows):
            break
        args = tuple(kind.make_large(rng, size) for kind in exercise.inputs)
        known = reference.watch([args])[0]
        if known is None or not known.returned:
            break
        bad = [
            c for c in contrasts(exercise, student, reference, [args]) if way(c) not in ("", *LATE)
        ]
        if bad:
            return Trials(tuple(bad), tuple(traced(student, c) for c in bad))
    return Trials((), ())


def _gathered(
    exercise: Exercise, student: Watched, reference: Remembered, seen: list[Contrast]
) -> Trials:
    """The smallest of each way to fail, shrunk."""
    ways = dict.fromkeys(way(c) for c in sorted(seen, key=_weight))
    wanted = [w for w in ways if w and (w != "changed" or exercise.keeps_input)][:WAYS]
    least = [
        _shrunk(exercise, student, reference, min(_of(w, seen), key=_weight)) for w in wanted
    ]  # fmt: skip
    return Trials(tuple(seen), tuple(traced(student, c) for c in sorted(least, key=_weight)))


def contrasts(
    exercise: Exercise, student: Watched, reference: Remembered, inputs: list[Values]
) -> list[Contrast]:
    """Both programs on the same inputs. Raises BadData where the reference does not return."""
    found = []
    for args, known, seen in zip(
        inputs, reference.watch(inputs), student.watch(inputs), strict=True
    ):
        if known is None or not known.returned:
            how = known.shown() if known else "nothing"
            raise BadData(
                f"the reference solution ends with {how} on {exercise.call(args, 200)}",
                "Mend it, or describe the inputs more narrowly.",
            )
        if seen is not None:
            found.append(Contrast(args, known, seen))
    return found


def traced(student: Watched, contrast: Contrast) -> Contrast:
    """The same with the trace of the submission."""
    seen = student.watch([contrast.args], KEEP)[0]
    return Contrast(contrast.args, contrast.expected, seen or contrast.seen)


def _shrunk(exercise: Exercise, student: Watched, reference: Remembered, bad: Contrast) -> Contrast:
    """Smaller and smaller while it fails in the same way."""
    slower = _slower(student)
    for _ in range(ROUNDS // slower):
        weigh = _weight(bad)
        steps = (args for args in simpler(exercise.inputs, bad.args) if weight(args) < weigh)
        batch = list({repr(args): args for args in islice(steps, BATCH // slower)}.values())
        if not batch:
            return bad
        found = _of(way(bad), contrasts(exercise, student, reference, batch))
        if not found:
            return bad
        bad = min(found, key=_weight)
    return bad


def _of(way_of: str, contrasts: list[Contrast]) -> list[Contrast]:
    return [c for c in contrasts if way(c) == way_of]


def _weight(contrast: Contrast) -> tuple[int, int]:
    return weight(contrast.args)


def _slower(student: Watched) -> int:
    """By how much fewer runs: each of a compiled program is a process of its own."""
    return 1 if student.spoken == "python" else 4
