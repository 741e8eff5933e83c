"""Inputs made from a statement: variations of its examples, and ever larger ones for timing.

Of an example only its shape is kept: which tokens are integers, and whether a line's integer counts
the numbers of the next line.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.solve.programs.statement import Statement
from lemmata.verify.cases import Call, Stdio

_INTEGER = re.compile(r"-?\d{1,15}")
_SPREAD = 20


@dataclass(frozen=True, slots=True)
class Given:
    """One input: text for standard input, or the arguments of `function`. `size` is what it is
    measured by: its largest integer, or the length of its longest list, line or text."""

    stdin: str = ""
    function: str = ""
    args: tuple[Any, ...] = ()
    size: int = 0


def varied(statement: Statement, count: int, seed: int) -> tuple[Given, ...]:
    """Up to `count` different small inputs; none where the statement shows no shape."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    made: dict[str, Given] = {}
    for _ in range(4 * count):
        given = _one(statement, draw, None)
        if given is None or len(made) == count:
            break
        made.setdefault(repr(given), given)
    return tuple(made.values())


def growing(statement: Statement, sizes: Sequence[int], seed: int) -> tuple[Given, ...]:
    """Inputs of about these sizes, for measuring; fewer where the bounds of the statement end."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    made = []
    for size in sizes:
        if statement.high is not None and size > statement.high:
            break
        given = _one(statement, draw, size)
        if given is None:
            break
        made.append(given)
    return tuple(made)


def _one(statement: Statement, draw: random.Random, size: int | None) -> Given | None:
    if statement.low is not None and statement.high is not None:
        top = min(statement.high, statement.low + _SPREAD)
        value = size if size is not None else draw.randint(statement.low, top)
        return Given(stdin=f"{value}\n", size=value)
    if not statement.alike:
        return None
    example = draw.choice(statement.alike) if size is None else statement.alike[0]
    if isinstance(example, Call):
        return _arguments(example, draw, size)
    return _lines(example, draw, size)


def _arguments(example: Call, draw: random.Random, size: int | None) -> Given | None:
    if not any(isinstance(arg, (int, list, str)) for arg in example.args):
        return None
    args = tuple(_value(arg, draw, size) for arg in example.args)
    return Given(function=example.function, args=args, size=size or 0)


def _value(like: Any, draw: random.Random, size: int | None) -> Any:
    """Another value of the same kind."""
    if isinstance(like, bool) or like is None:
        return like
    if isinstance(like, int):
        return size if size is not None else draw.randint(min(like, 0), max(_SPREAD, 2 * like))
    if isinstance(like, str):
        letters = sorted(set(like)) or list("ab")
        return "".join(draw.choices(letters, k=size or draw.randint(1, 12)))
    if isinstance(like, list) and like:
        length = size or draw.randint(1, 8)
        return [_value(draw.choice(like), draw, None) for _ in range(length)]
    return like


def _lines(example: Stdio, draw: random.Random, size: int | None) -> Given | None:
    rows = [line.split() for line in example.stdin.splitlines()]
    if not any(_INTEGER.fullmatch(token) for row in rows for token in row):
        return None
    made: list[list[str]] = []
    counted: int | None = None
    grew = False
    for at, row in enumerate(rows):
        follows = len(rows[at + 1]) if at + 1 < len(rows) else -1
        if counted is not None:
            made.append([_token(draw.choice(row), draw, None) for _ in range(counted)])
            counted = None
        elif len(row) == 1 and row[0].isdigit() and int(row[0]) == follows > 0:
            counted = size or draw.randint(1, 8)
            grew = True
            made.append([str(counted)])
        else:
            made.append([_token(token, draw, None if grew else size) for token in row])
    text = "\n".join(" ".join(row) for row in made) + "\n"
    return Given(stdin=text, size=size or 0)


def _token(like: str, draw: random.Random, size: int | None) -> str:
    if not _INTEGER.fullmatch(like):
        return like
    return str(_value(int(like), draw, size))
