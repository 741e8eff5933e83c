"""Which TODO is meant, and what stands round it."""

from __future__ import annotations

import pytest

from lemmata.apps.complete.target import Place, find
from lemmata.errors import BadInput

FILE = '''class Box:
    def area(self, a: int) -> int:
        """a squared."""

    def empty(self):
        # TODO: whether nothing is in it
        ...


def two(x):
    if x:
        # TODO: twice x
        pass
    return x


def whole(
    a, b
):
    # a comment
    return a
'''


@pytest.mark.parametrize(
    ("place", "first", "last", "function"),
    [
        (Place(), 5, 7, "Box.empty"),
        (Place(11), 11, 13, "two"),
        (Place(9, 14), 11, 13, "two"),
        (Place(function="two"), 11, 13, "two"),
        (Place(function="Box.empty"), 5, 7, "Box.empty"),
        (Place(function="area"), 3, 3, "Box.area"),
        (Place(function="whole"), 20, 21, "whole"),
    ],
)
def test_the_place_that_is_meant(place: Place, first: int, last: int, function: str) -> None:
    target = find("a.py", FILE, place)
    assert (target.todo.first, target.todo.last) == (first, last)
    assert target.function is not None
    assert target.function.name == function


def test_a_function_that_is_only_a_comment_is_found_by_its_name() -> None:
    target = find("a.py", "def g(\n    x,\n):\n    # TODO: x + 1\n\ny = 2\n", Place(function="g"))
    assert (target.todo.words, target.todo.first) == ("x + 1", 3)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("x = 1\n", Place(), "there is no TODO comment in a.py"),
        ("x = 1\n", Place(0), "line 1 of a.py is no TODO comment"),
        ("x = 1\n", Place(7), "line 8 of a.py is no TODO comment"),
        ("# TODO: f\n", Place(function="f"), "has no function f"),
        ("# TODO: f\ndef f(:\n", Place(), "does not parse beside its TODO: line 2"),
        ("def f(): return 1\n", Place(function="f"), "stands in one line"),
        ("#" * 400_001, Place(), "400,001 characters"),
        ("# TODO", Place(), "no TODO comment"),
    ],
)
def test_what_cannot_be_completed_is_said_in_one_line(text: str, place: Place, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        find("a.py", text, place)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_functions_by_name_are_pythons_only() -> None:
    with pytest.raises(BadInput, match="Python only"):
        find("a.js", "function f() {}", Place(function="f"))
