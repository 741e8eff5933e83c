"""How the cost of a program grows with its input: measured, to stand beside what is asked for.

Steps are counted, which is the same on every machine and under any load: executed bytecodes, and
the items that built-in functions go through. What still hides in C (products of long numbers,
library functions that have no price) shows in seconds: the call alone is timed too, and where its
seconds grow clearly faster, their law is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from math import log
from random import Random

import numpy as np

from lemmata.apps.tutor.compiled import Compiled
from lemmata.apps.tutor.exercise import Exercise, Program
from lemmata.apps.tutor.inputs import Values
from lemmata.solve.programs import complexity
from lemmata.solve.programs.complexity import LAWS, LONGEST_S, Growth, Point, counted, counting
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.limits import Limits, Run

SIZES = (*complexity.SIZES, 5793, 8192, 11585, 16384, 23170, 32768)
TIMED = tuple(2**power for power in range(9, 18))
LIMITS = Limits(time_s=4, memory_mib=512)
TIMING = Limits(time_s=10, memory_mib=512)
LONGEST_CALL_S = 0.25
FASTER = 0.6
"""By so much must the exponent of the seconds exceed that of the steps."""
WIDE = 6.0
"""And over sizes that differ by this factor: a busy machine may double any one of them."""
AROUND = 12
"""Integers tried at each size, of which the dearest counts: the cost of one may hang on how it
divides."""
_RANKS = {
    "1": 0.0, "log n": 0.3, "sqrt n": 0.5, "n": 1.0, "n log n": 1.3, "n^2": 2.0, "n^2 log n": 2.3,
    "n^3": 3.0,
}  # fmt: skip
EXPONENTIAL = 9.0
_SECONDS = re.compile(r"^lemmata-seconds ((?:\d+\.\d{7} ?)+)$", re.MULTILINE)


def measure(
    exercise: Exercise,
    source: str,
    sandbox: room.Sandbox | None = None,
    spoken: Program = "python",
) -> Growth | None:
    """The law of its cost; None where no argument grows, or too few sizes could be run."""
    if not any(kind.grows for kind in exercise.inputs):
        return None
    place = sandbox or room.shared()
    if spoken == "cpp":
        law = complexity.fit(_stepped(exercise, source, place))
        return replace(law, by="lines") if law else None
    law = complexity.fit(_counted(exercise, source, place))
    if law is None or above(law, exercise.complexity):
        return law
    if exercise.style == "stdin":
        return law
    return _of_seconds(_timed(exercise, source, place), law) or law


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


def _counted(exercise: Exercise, source: str, place: room.Sandbox) -> list[Point]:
    points: list[Point] = []
    for size in SIZES:
        run = _run(exercise, source, size, place) if _fits(exercise, size) else None
        count = counted(run.stderr) if run and run.status == "OK" else None
        if run is None or not count:
            break
        dearest = max(count, points[-1].count) if points else count
        points.append(Point(size, dearest, run.cpu_s))
        if run.cpu_s > LONGEST_S:
            break
    return points


def _stepped(exercise: Exercise, source: str, place: room.Sandbox) -> list[Point]:
    """Of a C++ program, by the lines that it runs."""
    points: list[Point] = []
    with Compiled(source, exercise, place) as program:
        for size in SIZES:
            told = program.steps(large(exercise, size)) if _fits(exercise, size) else None
            if told is None:
                break
            points.append(Point(size, *told))
            if told[1] > LONGEST_S:
                break
    return points


def _run(exercise: Exercise, source: str, size: int, place: room.Sandbox) -> Run:
    if exercise.style == "stdin":
        return place.run(counting(source), exercise.written(large(exercise, size)), LIMITS)
    first, _, method = exercise.function.partition(".")
    called = f"space[{first!r}]().{method}" if method else f"space[{first!r}]"
    call = (
        f"dearest = 0\nfor given in {_around(exercise, size)!r}:\n"
        f"    steps.taken = 0\n    {called}(*given)\n"
        "    dearest = max(dearest, steps.taken)\nsteps.taken = dearest"
    )
    return place.run(counting(source, call), limits=LIMITS)


def _around(exercise: Exercise, size: int) -> list[Values]:
    if not any(kind.kind == "int" and kind.grows for kind in exercise.inputs):
        return [large(exercise, size)]
    return [large(exercise, n) for n in range(size, size - AROUND, -1) if _fits(exercise, n)]


def _fits(exercise: Exercise, size: int) -> bool:
    """An integer that grows has a highest value."""
    return all(
        kind.kind != "int" or kind.low <= size <= kind.high
        for kind in exercise.inputs
        if kind.grows
    )


def _timed(exercise: Exercise, source: str, place: room.Sandbox) -> list[tuple[int, float]]:
    """Sizes with the CPU seconds of the call alone, where they say something."""
    sizes = [size for size in TIMED if _fits(exercise, size)]
    order = {
        "source": source, "function": exercise.function, "most": LONGEST_CALL_S,
        "inputs": [large(exercise, size) for size in sizes],
    }  # fmt: skip
    run = place.run(_program(), json.dumps(order, default=str), TIMING)
    found = _SECONDS.findall(run.stderr.decode(errors="replace"))
    seconds = [float(text) for text in found[-1].split()] if found else []
    pairs = zip(sizes, seconds, strict=False)
    return [(size, took) for size, took in pairs if took]


def _of_seconds(timed: Sequence[tuple[int, float]], law: Growth) -> Growth | None:
    """The power nearest to how the seconds grow, where that is clearly faster than the steps: a
    factor of log n cannot be told from what a cache costs."""
    if len(timed) < complexity.LEAST_POINTS or law.law not in LAWS:
        return None
    low, high = timed[0][0], timed[-1][0]
    counts = log(LAWS[law.law](high) / LAWS[law.law](low)) / log(high / low)
    sizes, seconds = np.log([size for size, _ in timed]), np.log([took for _, took in timed])
    slope = float(np.polyfit(sizes, seconds, 1)[0])
    if high < WIDE * low or slope < counts + FASTER:
        return None
    return Growth({0: "n", 1: "n", 2: "n^2"}.get(round(slope), "n^3"), "seconds", len(timed))


@cache
def _program() -> str:
    return (resources.files("lemmata.apps.tutor") / "inside" / "timing.py").read_text("utf-8")
