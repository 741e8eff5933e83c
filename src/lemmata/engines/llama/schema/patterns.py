"""Regular expressions and string formats as GBNF, inside a JSON string.

Read with Python's own parser of regular expressions (private, but steady since 3.11), which knows
everything that JSON schemas share with it. What is written matches the whole pattern, also where it
has no anchors. Look-around, back-references and word boundaries are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from lemmata.engines.llama.schema.gbnf import Span, any_of, char_class, literal, repeat
from lemmata.errors import BadInput

LONGEST = 2000
"""Repetitions that libllama's grammars take."""
_UNIVERSE: list[Span] = [(0x20, 0x7E), (0xA1, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF)]
_CATEGORIES: dict[Any, list[Span]] = {
    sre.CATEGORY_DIGIT: [(48, 57)],
    sre.CATEGORY_WORD: [(48, 57), (65, 90), (95, 95), (97, 122)],
    sre.CATEGORY_SPACE: [(32, 32)],
}
_SPACES: list[Span] = [
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x205F),
    (0x3000, 0x3000),
]
_NEGATED: dict[Any, list[Span]] = {
    sre.CATEGORY_NOT_DIGIT: [(48, 57), (0x80, 0x10FFFF)],
    sre.CATEGORY_NOT_WORD: [*_CATEGORIES[sre.CATEGORY_WORD], (0x80, 0x10FFFF)],
    sre.CATEGORY_NOT_SPACE: _SPACES,
}
_BEGINNINGS = {sre.AT_BEGINNING, sre.AT_BEGINNING_STRING}
_ENDS = {sre.AT_END, sre.AT_END_STRING}

_DAY30 = '("0" [1-9] | [12] [0-9] | "30")'
_DATE = (
    '[12] [0-9]{3} "-" (("01" | "03" | "05" | "07" | "08" | "10" | "12") "-" '
    f'({_DAY30} | "31") | ("04" | "06" | "09" | "11") "-" {_DAY30} | '
    '"02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))'
)
_HOUR = '([01] [0-9] | "2" [0-3])'
_TIME = f'{_HOUR} ":" [0-5] [0-9] ":" [0-5] [0-9] ("Z" | [-+] {_HOUR} ":" [0-5] [0-9])'
_BYTE = '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9]{2} | [1-9]? [0-9])'
_NAME = "[a-z0-9]{1,24}"
_HEX = "[0-9a-f]"
FORMATS: dict[str, tuple[str, int, int]] = {
    "date": (_DATE, 10, 10),
    "time": (_TIME, 9, 14),
    "date-time": (f'{_DATE} "T" {_TIME}', 20, 25),
    "uuid": (f'{_HEX}{{8}} "-" ({_HEX}{{4}} "-"){{3}} {_HEX}{{12}}', 36, 36),
    "ipv4": (f'({_BYTE} "."){{3}} {_BYTE}', 7, 15),
    "email": (f'{_NAME} ("." {_NAME})? "@" {_NAME} "." [a-z]{{2,6}}', 6, 81),
    "uri": (f'"http" "s"? "://" {_NAME} "." [a-z]{{2,6}} ("/" [A-Za-z0-9._-]{{0,24}}){{0,4}}',
            11, 139),
}  # fmt: skip
"""GBNF, shortest and longest. Any other format is a remark, as the standard has it."""


def pattern(text: str, least: int, most: int | None) -> str:
    """What matches the whole of `text` and has between `least` and `most` characters."""
    try:
        tree = parser.parse(text)
    except re.error as error:
        raise BadInput(f"the pattern {text!r} cannot be read: {error}") from error
    if tree.state.flags & ~re.UNICODE.value:
        raise BadInput(f"the pattern {text!r} has flags", "Write it without.")
    shortest, longest = tree.getwidth()
    if shortest < least or (most is not None and longest > most):
        raise BadInput(
            f"the pattern {text!r} and the length do not fit together",
            "Put the length into the pattern.",
        )
    return _sequence(tree, first=True, last=True)


def _sequence(nodes: Sequence[Any], first: bool, last: bool) -> str:
    """`first`, `last`: whether it begins, ends the whole pattern."""
    found = []
    for number, node in enumerate(nodes):
        at_start = first and all(op is sre.AT for op, _ in nodes[:number])
        at_end = last and all(op is sre.AT for op, _ in nodes[number + 1 :])
        found.append(_node(node[0], node[1], at_start, at_end))
    return " ".join(part for part in found if part) or '""'


def _node(op: Any, what: Any, first: bool, last: bool) -> str:
    if op is sre.AT and ((first and what in _BEGINNINGS) or (last and what in _ENDS)):
        return ""
    if op in {sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN}:
        return _quoted(_chars(op, what))
    if op in {sre.MAX_REPEAT, sre.MIN_REPEAT}:
        least, most, inner = what
        part = _sequence(inner, first=False, last=False)
        return repeat(part, least, None if most is sre.MAXREPEAT else min(most, LONGEST))
    if op is sre.BRANCH:
        return any_of(f"({_sequence(branch, first, last)})" for branch in what[1])
    if op is sre.SUBPATTERN and not (what[1] or what[2]):
        return f"({_sequence(what[3], first, last)})"
    raise BadInput(f"the pattern uses {str(op).lower()} where no grammar can follow")


def _chars(op: Any, what: Any) -> list[Span]:
    if op is sre.LITERAL:
        return [(what, what)]
    if op is sre.NOT_LITERAL:
        return _without(_UNIVERSE, [(what, what)])
    if op is sre.ANY:
        return _UNIVERSE
    negated = what[0][0] is sre.NEGATE
    spans = [span for item in what[negated:] for span in _member(*item)]
    return _without(_UNIVERSE, spans) if negated else spans


def _member(op: Any, what: Any) -> list[Span]:
    if op is sre.LITERAL:
        return [(what, what)]
    if op is sre.RANGE:
        return [what]
    if what in _CATEGORIES:
        return _CATEGORIES[what]
    return _without(_UNIVERSE, _NEGATED[what])


def _without(spans: list[Span], holes: list[Span]) -> list[Span]:
    for low, high in holes:
        cut = [((a, min(b, low - 1)), (max(a, high + 1), b)) for a, b in spans]
        spans = [(a, b) for pair in cut for a, b in pair if a <= b]
    return spans


def _quoted(spans: list[Span]) -> str:
    """One character of a JSON string: the quote and the backslash are escaped, control characters
    left out."""
    plain = _without(spans, [(0, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x9F), (0xD800, 0xDFFF)])
    found = [char_class(plain)] if plain else []
    escaped = [code for code in (0x22, 0x5C) if any(a <= code <= b for a, b in spans)]
    found += [literal("\\" + chr(code)) for code in escaped]
    if not found:
        raise BadInput("a pattern asks for a control character", "JSON strings cannot hold it.")
    return any_of(found)
