from math import log2

import pytest

from lemmata.solve.programs.complexity import SIZES, Point, claimed, counted, fit

LAWS = {
    "1": lambda n: 1.0,
    "log n": lambda n: 40 * log2(n + 1),
    "n": lambda n: 12.0 * n,
    "n log n": lambda n: 9 * n * log2(n + 1),
    "n^2": lambda n: 4.0 * n * n,
    "n^3": lambda n: 2.0 * n**3,
}


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_found_behind_a_constant(law: str) -> None:
    points = [Point(n, round(150 + LAWS[law](n)), 0.0) for n in SIZES]
    found = fit(points)
    assert found is not None
    assert (found.law, found.by, found.points) == (law, "steps", len(SIZES))


@pytest.mark.parametrize(
    ("law", "smaller"), [("n", "log n"), ("n log n", "n"), ("n^2", "n"), ("n^3", "n")]
)
def test_a_law_is_found_beside_a_smaller_one(law: str, smaller: str) -> None:
    """As of a recursion that cuts its list in slices."""
    points = [Point(n, round(9 + 30 * LAWS[smaller](n) / 9 + LAWS[law](n)), 0.0) for n in SIZES]
    found = fit(points)
    assert found is not None
    assert found.law == law


def test_an_exponential_tells_its_base() -> None:
    points = [Point(n, round(90 + 20 * 1.618**n), 0.0) for n in SIZES[:8]]
    found = fit(points)
    assert found is not None
    assert found.law == "1.6^n"


def test_seconds_decide_where_bytecodes_hide_the_work() -> None:
    points = [Point(n, 100, 1e-7 * n * n) for n in (1024, 2048, 4096, 8192, 16384)]
    found = fit(points)
    assert found is not None
    assert (found.law, found.by) == ("n^2", "seconds")


def test_too_few_points_say_nothing() -> None:
    assert fit([Point(n, n, 0.0) for n in (1, 2, 3, 4)]) is None


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Time O(n log n), memory O(n).", "n log n"),
        ("It runs in $O(n^2)$.", "n^2"),
        ("时间复杂度为 O(n**2)", "n^2"),
        ("O(n \\log n)", "n log n"),
        ("O(n * m)", "n m"),
        ("It is fast.", None),
    ],
)
def test_what_is_claimed(text: str, claim: str | None) -> None:
    assert claimed(text) == claim


def test_only_the_marked_count_is_read() -> None:
    assert counted(b"warning\n\nlemmata-steps 120\n") == 120
    assert counted(b"lemmata-steps many\n") is None
