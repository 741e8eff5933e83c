"""Is this the value that the test expects? Decided here, outside, on texts of primitive values.

The rules of `same`: types must agree all the way down (1, True and 1.0 are three values; a list is
not a tuple, str not bytes, set not frozenset); a value of a subclass counts as its base (a
namedtuple is a tuple, a Counter a dict, an IntEnum an int); the order of dict keys does not matter;
nan equals nan; -0.0 equals 0.0. Nothing of the submission's is executed: its `__eq__` stayed
behind."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from lemmata.verify.sandbox.inside import primitives

SHOWN = 200


def same(got: bytes, expected: object) -> str:
    """Why `got`, a text of `primitives.dumps`, is not `expected`; empty if it is."""
    wanted = primitives.dumps(expected)
    if got == wanted:
        return ""
    try:
        value = primitives.loads(got)
    except ValueError as error:
        return str(error)
    if primitives.dumps(value, canonical=True) == primitives.dumps(expected, canonical=True):
        return ""
    return _differ(got, wanted)


def close(got: bytes, expected: object, relative: float, absolute: float) -> str:
    """As `same`, but an int or float may stand for another within either tolerance, anywhere
    inside."""
    try:
        value = primitives.loads(got)
    except ValueError as error:
        return str(error)
    if _near(value, expected, relative, absolute):
        return ""
    return _differ(got, primitives.dumps(expected))


def json_same(got: bytes, expected: object) -> str:
    """As `same` after both went through JSON: a tuple is a list, keys are strings."""
    try:
        value = json.dumps(primitives.loads(got), sort_keys=True)
    except (ValueError, TypeError) as error:
        return f"returned what JSON cannot hold: {error}"
    if value == json.dumps(expected, sort_keys=True):
        return ""
    return _differ(got, primitives.dumps(expected))


def _near(got: Any, expected: Any, relative: float, absolute: float) -> bool:
    if _number(got) and _number(expected):
        return numbers_near(got, expected, relative, absolute)
    if type(got) is not type(expected):
        return False
    if isinstance(got, (list, tuple)):
        pairs = zip(got, expected, strict=False)
        return len(got) == len(expected) and all(_near(a, b, relative, absolute) for a, b in pairs)
    if isinstance(got, dict):
        return got.keys() == expected.keys() and all(
            _near(got[key], expected[key], relative, absolute) for key in got
        )
    return primitives.dumps(got) == primitives.dumps(expected)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbers_near(got: float, expected: float, relative: float, absolute: float) -> bool:
    if got == expected or (got != got and expected != expected):  # nan
        return True
    try:
        return math.isclose(got, expected, rel_tol=relative, abs_tol=absolute)
    except OverflowError:  # an int beyond every float
        return False


def _differ(got: bytes, wanted: bytes) -> str:
    return f"returned {_shown(got)}, expected {_shown(wanted)}"


def _shown(text: bytes) -> str:
    if len(text) > 10 * SHOWN:
        return f"a value of {len(text)} bytes"
    try:
        written = repr(primitives.loads(text))
    except ValueError as error:
        return str(error)
    return written if len(written) <= SHOWN else written[:SHOWN] + "…"


def first_difference(got: Sequence[bytes], expected: Sequence[bytes], what: str) -> str:
    """Where two sequences of tokens or lines part; empty if they do not."""
    for place, (mine, wanted) in enumerate(zip(got, expected, strict=False), 1):
        if mine != wanted:
            return f"{what} {place} is {_text(mine)}, expected {_text(wanted)}"
    if len(got) != len(expected):
        return f"{len(got)} {what}s, expected {len(expected)}"
    return ""


def _text(data: bytes) -> str:
    return repr(data.decode(errors="replace")[:SHOWN])
