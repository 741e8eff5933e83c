"""What built-in functions and operators cost, and that counting changes nothing else."""

from __future__ import annotations

from random import Random

import pytest

from lemmata.solve.programs import complexity
from lemmata.solve.programs.complexity import Point, counted, counting, fit
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.limits import Limits, Run

LIMITS = Limits(time_s=4, memory_mib=512)
SIZES = complexity.SIZES[2:13]


def ran(program: str, call: str) -> Run:
    return room.shared().run(counting(program, call), limits=LIMITS)


def law(body: str) -> str:
    """Of f(x), for lists x of different integers."""
    points = []
    for size in SIZES:
        given = Random(size).sample(range(10**6), size)
        run = ran(f"def f(x):\n{body}\n", f"space['f']({given!r})")
        count = counted(run.stderr)
        assert run.status == "OK", run.stderr.decode()
        assert count
        points.append(Point(size, count, run.cpu_s))
    found = fit(points)
    assert found is not None
    assert found.by == "steps"
    return found.law


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    return sum(x)", "n"),
        ("    return len(x) + x[-1]", "1"),
        ("    return -1 in x", "n"),
        ("    return sum(map(abs, x))", "n"),
        ("    x.sort()\n    return x[0]", "n log n"),
        ("    import heapq\n    h = []\n    for v in x: heapq.heappush(h, v)\n"
         "    while h: heapq.heappop(h)", "n log n"),
        ("    from bisect import bisect_left\n    return bisect_left(x, 3)", "log n"),
        ("    while x: x.pop(0)", "n^2"),
        ("    while x: x.pop()", "n"),
        ("    y = []\n    for v in x: y = y + [v]", "n^2"),
        ("    y = []\n    for v in x: y += [v]", "n"),
        ("    return x[0] + f(x[1:]) if x else 0", "n^2"),
        ("    return any(v in x[:i] for i, v in enumerate(x))", "n^2"),
    ],
)  # fmt: skip
def test_the_law(body: str, expected: str) -> None:
    assert law(body) == expected


SAME = """
import sys
from itertools import chain, islice


class Base:
    def __init__(self, values: list[int] | None) -> None:
        self.values: list[int] = [*(values or ())]

    def __add__(self, other):
        return Base(self.values + other.values)


class Child(Base):
    def __init__(self, values):
        super().__init__(values)
        self.named = locals()["values"]


def kind(value):
    match value:
        case -1:
            return "minus one"
        case [first, *rest]:
            return first, rest
        case _:
            return eval("value")


total = Child([1, 2]) + Child((3,))
text = "b"
text += "c"
text = "a" + text
pairs = dict(zip("ab", islice(chain([1], [2, 3]), 2)))
pairs |= {"c": 3}
print(total.values, text * 2, pairs, kind(-1), kind([1, 2, 3]), kind(None), sep="|")
print(sorted(pairs, key=pairs.get, reverse=True), max(3, 1), min([4, 2], default=0), 2 in {2: 1})
print(next(enumerate("xy")), [*map(str, range(3))], sys._getframe().f_code.co_name, 7 - 3 & 1)
"""


def test_a_counted_program_does_the_same() -> None:
    plain = room.shared().run(SAME, limits=LIMITS)
    run = ran(SAME, "pass")
    assert plain.status == run.status == "OK", run.stderr.decode()
    assert run.stdout == plain.stdout


def test_an_error_keeps_its_line_and_is_counted_all_the_same() -> None:
    run = ran("x = [1]\nx += [2]\nsum(x) / 0\n", "pass")
    assert run.status == "RE"
    assert b"line 3, in <module>" in run.stderr
    assert counted(run.stderr)
