"""How the cost of a program grows with its input: measured, to stand beside what is claimed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from lemmata.apps.tutor.exercise import Exercise
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.limits import Limits
from lemmata.verify.sandbox.submission import Submission
from lemmata.verify.sandbox.trial import Order

FIRST, LAST = 16, 1 << 17
ENOUGH_S = 0.25
"""CPU seconds of one call after which larger inputs tell nothing new."""
NOISE_S = 0.004
"""CPU seconds that starting a call costs, about; cheaper points say nothing."""
LIMITS = Limits(time_s=1.5, memory_mib=512)
_RANKS = {
    "1": 0.0, "log n": 0.1, "sqrt n": 0.5, "n": 1.0, "n log n": 1.1, "n^2": 2.0, "n^2 log n": 2.1,
    "n^3": 3.0, "2^n": 9.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Growth:
    """`label` is one of 1, n, n^2, n^3, n^k or 2^n; `points` are (size, CPU seconds)."""

    label: str
    exponent: float
    points: tuple[tuple[int, float], ...]

    def above(self, asked: str) -> bool:
        """Whether it grows clearly faster than asked: by more than half a power of n."""
        wanted = _RANKS.get(asked.replace("**", "^"), math.inf)
        return self.exponent > wanted + 0.5


def measure(exercise: Exercise, source: str, sandbox: room.Sandbox | None = None) -> Growth | None:
    """The growth of CPU time over sizes that double; None where no argument grows, or a call fails.

    The exponent is the least-squares slope of log time over log size, on points above the noise.
    """
    if not any(kind.grows for kind in exercise.inputs):
        return None
    place = sandbox or room.shared()
    with place.submit(source, "python", LIMITS) as submission:
        if submission.complaint:
            return None
        points, cut = _points(exercise, submission)
    return _fitted(points, cut)


def _points(exercise: Exercise, submission: Submission) -> tuple[list[tuple[int, float]], int]:
    """Points, and the size that took too long (0: none did)."""
    points: list[tuple[int, float]] = []
    size = FIRST
    while size <= _largest(exercise):
        cost = _cost(exercise, submission, size)
        if cost is None:
            return points, size
        points.append((size, cost))
        if cost > ENOUGH_S:
            break
        size *= 2
    return points, 0


def _largest(exercise: Exercise) -> int:
    highs = [kind.high for kind in exercise.inputs if kind.grows and kind.kind == "int"]
    return min([LAST, *highs])


def _cost(exercise: Exercise, submission: Submission, size: int) -> float | None:
    """CPU seconds, the lesser of two; None when it does not come to an end."""
    args = large(exercise, size)
    call = {"function": exercise.function, "args": args, "kwargs": {}}
    costs = []
    for _ in range(2):
        run = submission.run(Order("call", primitives.dumps(call)))
        if run.status != "OK":
            return None
        costs.append(run.cpu_s)
    return min(costs)


def large(exercise: Exercise, size: int) -> tuple[object, ...]:
    """The input of a size: always the same one."""
    rng = Random(f"{exercise.id} {size}")  # noqa: S311 - for repeatable inputs
    return tuple(kind.make_large(rng, size) for kind in exercise.inputs)


def _fitted(points: list[tuple[int, float]], cut: int) -> Growth | None:
    if not points:
        return None if not cut else Growth("2^n", 9.0, ())
    floor = min(cost for _, cost in points)
    above = [(n, cost - floor) for n, cost in points if cost - floor > NOISE_S]
    if cut and len(above) < 3:
        # From nothing to never within two doublings: no power of n does that.
        return Growth("2^n", 9.0, tuple(points)) if cut <= 256 else None
    if len(above) < 2:
        return Growth("1" if points[-1][0] >= LAST else "n", 0.0, tuple(points))
    exponent = _slope([(math.log(n), math.log(cost)) for n, cost in above])
    return Growth(_label(exponent), exponent, tuple(points))


def _slope(pairs: list[tuple[float, float]]) -> float:
    count = len(pairs)
    mean_x, mean_y = sum(x for x, _ in pairs) / count, sum(y for _, y in pairs) / count
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread


def _label(exponent: float) -> str:
    power = round(exponent)
    if power <= 0:
        return "1"
    return "n" if power == 1 else f"n^{power}" if power < 6 else "2^n"
