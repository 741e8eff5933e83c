"""A model may say a hint in its own words only while it keeps every fact and adds none."""

from __future__ import annotations

import asyncio

import pytest

from lemmata.apps.tutor.exercise import Exercise, open_exercise
from lemmata.apps.tutor.grade import grade
from lemmata.apps.tutor.reword import kept, reword
from scripted import ScriptedEngine

WRONG = "def gcd(a, b):\n    while a % b:\n        a, b = b, a % b\n    return b\n"


@pytest.fixture(scope="module")
def gcd() -> Exercise:
    return open_exercise("gcd")


@pytest.fixture(scope="module")
def hint(gcd: Exercise) -> str:
    return grade(gcd, WRONG, with_style=False).hint(2)


def test_a_faithful_rewording_is_used(gcd: Exercise, hint: str) -> None:
    faithful = hint.replace("Play the computer:", "Be the computer for a while:")
    engine = ScriptedEngine([faithful])
    assert asyncio.run(reword(hint, gcd, WRONG, engine)) == faithful


@pytest.mark.parametrize(
    "spoil",
    [
        lambda hint: "Nice try!",
        lambda hint: hint.replace("`1`", "`2`"),
        lambda hint: hint + " It takes 17 passes.",
        lambda hint: hint + " Use `b` as the condition.",
        lambda hint: hint + " So: while second: first, second = second, first % second",
        lambda hint: hint + " word" * 100,
    ],
)
def test_anything_else_is_not(gcd: Exercise, hint: str, spoil) -> None:  # type: ignore[no-untyped-def]
    said = spoil(hint)
    assert not kept(hint, said, gcd, WRONG, "en")
    assert asyncio.run(reword(hint, gcd, WRONG, ScriptedEngine([said]))) == hint
