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
from lemmata.apps.tutor.probing import KEEP, Probe, Remembered, Seen
from lemmata.errors import BadData

DRAWN = 240
BATCH = 60
ROUNDS = 40
"""Steps to something simpler; each takes the smallest of a batch."""
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


def search(exercise: Exercise, student: Probe, reference: Remembered) -> Trials:
    """Try DRAWN inputs; shrink the smallest that fails in each way.

    The draws are seeded by the exercise: the same submission is always told the same. Raises
    BadData where the reference fails on its own inputs, probing.Broken."""
    rng = Random(exercise.id)  # noqa: S311 - for repeatable inputs
    visible = [case.args for case in exercise.tests if case.visible and case.args is not None]
    inputs = visible + list(draw(exercise.inputs, rng, DRAWN))
    unique = list({repr(args): args for args in inputs}.values())
    seen = contrasts(student, reference, unique)
    ways = dict.fromkeys(way(c) for c in sorted(seen, key=_weight))
    wanted = [w for w in ways if w and (w != "changed" or exercise.keeps_input)][:WAYS]
    least = [
        _shrunk(exercise, student, reference, min(_of(w, seen), key=_weight)) for w in wanted
    ]  # fmt: skip
    return Trials(tuple(seen), tuple(traced(student, c) for c in sorted(least, key=_weight)))


def contrasts(student: Probe, reference: Remembered, inputs: list[Values]) -> list[Contrast]:
    """Both programs on the same inputs. Raises BadData where the reference does not return."""
    found = []
    for args, known, seen in zip(
        inputs, reference.watch(inputs), student.watch(inputs), strict=True
    ):
        if known is None or not known.returned:
            how = known.shown() if known else "nothing"
            raise BadData(
                f"the reference solution ends with {how} on {_call(reference, args)}",
                "Mend it, or describe the inputs more narrowly.",
            )
        if seen is not None:
            found.append(Contrast(args, known, seen))
    return found


def traced(student: Probe, contrast: Contrast) -> Contrast:
    """The same with the trace of the submission."""
    seen = student.watch([contrast.args], KEEP)[0]
    return Contrast(contrast.args, contrast.expected, seen or contrast.seen)


def _shrunk(exercise: Exercise, student: Probe, reference: Remembered, bad: Contrast) -> Contrast:
    """Smaller and smaller while it fails in the same way."""
    for _ in range(ROUNDS):
        weigh = _weight(bad)
        steps = (args for args in simpler(exercise.inputs, bad.args) if weight(args) < weigh)
        batch = list({repr(args): args for args in islice(steps, BATCH)}.values())
        if not batch:
            return bad
        found = _of(way(bad), contrasts(student, reference, batch))
        if not found:
            return bad
        bad = min(found, key=_weight)
    return bad


def _of(way_of: str, contrasts: list[Contrast]) -> list[Contrast]:
    return [c for c in contrasts if way(c) == way_of]


def _weight(contrast: Contrast) -> tuple[int, int]:
    return weight(contrast.args)


def _call(probe: Remembered, args: Values) -> str:
    return f"{probe.function}({', '.join(map(repr, args))})"
