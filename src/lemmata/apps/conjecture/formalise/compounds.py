"""Sums and products of several things, for both languages."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import NotUnderstood
from lemmata.apps.conjecture.language.syntax import Call, Name, Node, Operate

_POWERS = {"square": 2, "cube": 3}


def letters(many: int, primes: bool, reals: bool) -> list[str]:
    """What several numbers are usually called."""
    wanted = "pqrstu" if primes else "xyzuvw" if reals else "mnkijl"
    return list(wanted[:many])


def consecutive(things: Things, many: int) -> list[Node]:
    """`many` in a row, the first being the one variable: integers, odd or even numbers, squares or
    cubes. Raises NotUnderstood of anything else, whose neighbours are not that simple."""
    if len(things.names) != 1 or things.value is not None or things.sort != "integer":
        raise NotUnderstood("which numbers are consecutive is not understood")
    start = Name(things.names[0])
    said = [guard for guard in things.guards if isinstance(guard, Call)]
    kinds = {guard.function for guard in said if guard.arguments == (start,)}
    if not kinds <= {"odd", "even", *_POWERS} or len(kinds) > 1 or len(said) > 1:
        raise NotUnderstood("which numbers are consecutive is not understood")
    power = next((_POWERS[kind] for kind in kinds if kind in _POWERS), 1)
    if power > 1:
        things.guards.clear()  # the variable is now the base
    step = 2 if kinds & {"odd", "even"} else 1
    row: list[Node] = [start]
    row += [Operate("+", start, number(step * i)) for i in range(1, many)]
    return row if power == 1 else [Operate("^", each, number(power)) for each in row]


def combined(operation: str, terms: Sequence[Node], rising: bool) -> Node:
    """The sum or product of the terms, or, where they rise, the last less the first of two."""
    if operation == "difference":
        if len(terms) != 2 or not rising:
            raise NotUnderstood("it is not said which number is taken from which")
        return Operate("-", terms[1], terms[0])
    whole = terms[0]
    for term in terms[1:]:
        whole = Operate("+" if operation == "sum" else "*", whole, term)
    return whole


def coprime(terms: Sequence[Node]) -> Node:
    return Call("coprime", (terms[0], terms[1]))
