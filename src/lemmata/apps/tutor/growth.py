"""How the cost of a program grows with its input: measured, to stand beside what is asked for."""

from __future__ import annotations

import re
from random import Random

from lemmata.apps.tutor.exercise import Exercise
from lemmata.apps.tutor.inputs import Values
from lemmata.solve.programs import complexity
from lemmata.solve.programs.complexity import LONGEST_S, Growth, Point, counted, counting
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.limits import Limits, Run

SIZES = (*complexity.SIZES, 5793, 8192, 11585, 16384, 23170, 32768)
"""Further than for solving: work inside C functions, as in `x in list`, shows late."""
LIMITS = Limits(time_s=4, memory_mib=512)
_RANKS = {
    "1": 0.0, "log n": 0.3, "sqrt n": 0.5, "n": 1.0, "n log n": 1.3, "n^2": 2.0, "n^2 log n": 2.3,
    "n^3": 3.0,
}  # fmt: skip
EXPONENTIAL = 9.0


def measure(exercise: Exercise, source: str, sandbox: room.Sandbox | None = None) -> Growth | None:
    """The law of its cost; None where no argument grows, or too few sizes could be run."""
    if not any(kind.grows for kind in exercise.inputs):
        return None
    place = sandbox or room.shared()
    points = []
    for size in SIZES:
        run = _run(exercise, source, size, place) if _fits(exercise, size) else None
        count = counted(run.stderr) if run and run.status == "OK" else None
        if run is None or not count:
            break
        points.append(Point(size, count, run.cpu_s))
        if run.cpu_s > LONGEST_S:
            break
    return complexity.fit(points)


def above(growth: Growth, asked: str) -> bool:
    """Whether a law grows faster than the one that was asked for."""
    wanted = rank(asked)
    return wanted is not None and (rank(growth.law) or 0.0) > wanted + 0.1


def rank(law: str) -> float | None:
    """Where a law stands among the others; None for text that is no law."""
    plain = law.replace("**", "^").strip()
    if re.fullmatch(r"[\d.]+\^n", plain):
        return EXPONENTIAL
    return _RANKS.get(plain)


def large(exercise: Exercise, size: int) -> Values:
    """The input of a size: always the same one."""
    rng = Random(f"{exercise.id} {size}")  # noqa: S311 - for repeatable inputs
    return tuple(kind.make_large(rng, size) for kind in exercise.inputs)


def _run(exercise: Exercise, source: str, size: int, place: room.Sandbox) -> Run:
    call = f"_space[{exercise.function!r}](*{large(exercise, size)!r})"
    return place.run(counting(source, call), limits=LIMITS)


def _fits(exercise: Exercise, size: int) -> bool:
    """An integer that grows has a highest value."""
    return all(
        kind.kind != "int" or kind.low <= size <= kind.high
        for kind in exercise.inputs
        if kind.grows
    )
