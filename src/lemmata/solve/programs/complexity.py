"""How a program's cost grows, measured: it is run on ever larger inputs and a law is fitted.

Steps are counted inside the sandbox, which is steady on a busy machine where seconds are not:
executed bytecodes, and items that built-in functions go through (`inside/counter.py`). What still
hides in C, as the products of long numbers do, shows in the seconds: where those of the largest
runs grow clearly faster, they are fitted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import log, log2
from typing import Literal

import numpy as np

LAWS: dict[str, Callable[[float], float]] = {
    "1": lambda _: 1.0,
    "log n": lambda n: log2(n + 1),
    "sqrt n": lambda n: n**0.5,
    "n": lambda n: n,
    "n log n": lambda n: n * log2(n + 1),
    "n^2": lambda n: n**2,
    "n^2 log n": lambda n: n**2 * log2(n + 1),
    "n^3": lambda n: n**3,
}
_BESIDE = {"n": "log n", **dict.fromkeys(("n log n", "n^2", "n^2 log n", "n^3"), "n")}
"""A law that a smaller one may hide at small sizes."""
_SHARE = 0.2
"""So much of the largest value a law must tell to be fitted beside a smaller one."""
SIZES = (4, 6, 8, 11, 16, 23, 32, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096)
LEAST_POINTS = 5
LONGEST_S = 0.7
"""CPU seconds of one run after which no larger input is tried."""
_STEADY_S = 0.1
"""CPU seconds from which a run's time says something."""
_FASTER = 0.5
"""By so much must the exponent of the seconds exceed that of the steps."""
_MARK = "lemmata-steps"


@dataclass(frozen=True, slots=True)
class Point:
    """One run: input size, steps taken, CPU seconds."""

    size: int
    count: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Growth:
    """The law that fits, as in O(law); `by` says of what, `points` of how many runs."""

    law: str
    by: Literal["steps", "seconds", "lines"]
    points: int


def counting(program: str, call: str = "pass") -> str:
    """A program that runs this one and tells its steps on standard error. `call` is run after it;
    there `space` has the program's names, and `steps.taken` is the count so far."""
    return f"{_counter()}\nrun({program!r}, {call!r}, {_MARK!r})\n"


@cache
def _counter() -> str:
    return (resources.files("lemmata.solve.programs") / "inside" / "counter.py").read_text("utf-8")


def counted(stderr: bytes) -> int | None:
    """What `counting` told. The program could forge it: it would only deceive about itself."""
    found = re.findall(rf"^{_MARK} (\d{{1,18}})$", stderr.decode(errors="replace"), re.MULTILINE)
    return int(found[-1]) if found else None


def fit(points: Sequence[Point]) -> Growth | None:
    """The law of least relative error, the slower-growing one where two are as good; None for too
    few points."""
    if len(points) < LEAST_POINTS:
        return None
    by: Literal["steps", "seconds"] = "steps"
    values = [float(point.count) for point in points]
    slow = [point for point in points if point.cpu_s >= _STEADY_S]
    if len(slow) >= 3:
        times = _exponent([p.size for p in slow], [p.cpu_s for p in slow])
        if times > _exponent([p.size for p in slow], [float(p.count) for p in slow]) + _FASTER:
            by, values, points = "seconds", [point.cpu_s for point in slow], slow
    sizes = [point.size for point in points]
    errors = {law: _error(sizes, values, law) for law in LAWS}
    least = min(errors.values())
    base, error = _exponential(sizes, values)
    if base > 1.1 and error < least / 2:
        return Growth(f"{base:.1f}^n", by, len(points))
    law = next(law for law, error in errors.items() if error <= 1.25 * least + 0.01)
    return Growth(law, by, len(points))


def _exponential(sizes: Sequence[int], values: Sequence[float]) -> tuple[float, float]:
    """The base of value = a * base^size over the larger half, and its root mean square relative
    error: what is done once at the start hides the law of the smallest inputs."""
    half = len(sizes) // 2
    slope, start = np.polyfit(sizes[half:], np.log(values[half:]), 1)
    off = np.log(values[half:]) - (slope * np.array(sizes[half:]) + start)
    return float(np.exp(min(slope, 50.0))), float(np.sqrt(np.mean(np.expm1(off) ** 2)))


def _exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Slope of log value over log size, between the ends."""
    return log(values[-1] / values[0]) / log(sizes[-1] / sizes[0])


def _error(sizes: Sequence[int], values: Sequence[float], name: str) -> float:
    """Root mean square relative error of value = a + b * law(size) with b >= 0, or of
    a + c * smaller(size) + b * law(size) where the law tells enough of the largest value."""
    measured, ones = np.array(values), np.ones(len(sizes))
    law = _values(name, sizes)
    _, slope, error = _least([ones, law], measured)
    if slope < 0:
        return float("inf")
    if name not in _BESIDE:
        return error
    smaller, slope, closer = _least([ones, _values(_BESIDE[name], sizes), law], measured)
    return min(error, closer) if smaller >= 0 and slope * law[-1] > _SHARE * values[-1] else error


def _values(name: str, sizes: Sequence[int]) -> np.ndarray:
    return np.array([LAWS[name](float(size)) for size in sizes])


def _least(columns: list[np.ndarray], measured: np.ndarray) -> tuple[float, float, float]:
    """The last two coefficients of least relative error, and that error."""
    scaled = np.stack(columns, axis=1) / measured[:, None]
    solution, *_ = np.linalg.lstsq(scaled, np.ones(len(measured)), rcond=None)
    error = float(np.sqrt(np.mean((scaled @ solution - 1.0) ** 2)))
    return float(solution[-2]), float(solution[-1]), error


_CLAIM = re.compile(r"O\s*\(((?:[^()]|\([^()]*\))*)\)")


def claimed(derivation: str) -> str | None:
    """The time complexity that the text claims: the first O(…), as `n log n` is written here."""
    match = _CLAIM.search(derivation)
    if not match:
        return None
    text = re.sub(r"\\(?:log|cdot|times)", lambda m: " log " if "log" in m[0] else " ", match[1])
    text = re.sub(r"\*\*", "^", text).replace("²", "^2").replace("³", "^3").replace("*", " ")
    text = re.sub(r"[{}$]", "", text.lower()).replace("log(n)", "log n").replace("logn", "log n")
    return " ".join(text.split())
