"""When a search tells, when it saves, and how long it will take."""

from __future__ import annotations

from lemmata.apps.conjecture.search.pace import Pace, left


def test_it_tells_twice_as_often_as_it_saves() -> None:
    pace = Pace()
    told = [pace.tell(now / 2) for now in range(9)]
    saved = [pace.save(now / 2) for now in range(9)]
    assert told == [False, False, True, False, True, False, True, False, True]
    assert saved == [False] * 4 + [True] + [False] * 3 + [True]


def test_what_is_left_is_the_nearer_end() -> None:
    assert left(60, 100, 10) == 10
    assert left(5, 100, 10) == 5
    assert left(60, None, 10) == 60
    assert left(float("inf"), 100, 0) is None
