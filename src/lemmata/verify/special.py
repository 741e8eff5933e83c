"""Answers that the grammar of values would misread: choices, times of day, numerals in a base."""

from __future__ import annotations

import re
from collections.abc import Callable

from lemmata.verify import words
from lemmata.verify.expression import Node, num

_CHOICE = re.compile(
    r"(?:(?:the\s+)?(?:option|choice|answer)\s*:?\s*)?(?:\(\s*([A-J])\s*\)|\[([A-J])\]|«?([A-J])»?\s*[).:](?=\s|$|[^\d=])|«\(?([A-J])[).]?»)"
    r"[.:]?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_OPTION_WORD = re.compile(r"(?:the\s+)?(?:option|choice)\s*:?\s*\(?([A-J])\)?\.?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*«?([ap]\.?m\.?)?»?", re.IGNORECASE)
_PROGRAMMERS = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]{1,300}|[bB][01]{1,900}|[oO][0-7]{1,300})")
_BASED = re.compile(r"([0-9A-Fa-f]+)_\s*\{?\s*\(?(\d{1,2}|«?[a-z]+»?)\)?\s*\}?")
_BASE_WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "sixteen": 16,
}


def special(plain: str, read: Callable[[str], Node]) -> Node | None:
    """Choices, times of day and based numerals, which the grammar of values would misread."""
    if re.fullmatch(r"\([a-j]\)", plain):
        return Node("choice", (), plain[1].upper())
    known = words.known(plain)
    if known:
        return Node("text", (), known)
    match = _OPTION_WORD.fullmatch(plain)
    if match:
        return Node("choice", (), match[1].upper())
    match = _CHOICE.fullmatch(plain)
    if match:
        letter = next(group for group in match.groups()[:4] if group)
        rest = match[5].strip()
        if letter.isupper() and not rest.startswith(
            ("=", "\\cup", "\\cap", "+", "-", "*", "/", "^", ",", "_", "\\to", "<", ">")
        ):
            return Node("choice", (read(rest),) if rest else (), letter)
    match = _CLOCK.fullmatch(plain)
    if match and int(match[2]) < 60:
        return Node(
            "clock",
            (),
            (
                int(match[1]),
                int(match[2]),
                int(match[3] or 0),
                (match[4] or "").lower().replace(".", ""),
            ),
        )
    if _PROGRAMMERS.fullmatch(plain):
        return num(int(plain, 0))
    match = _BASED.fullmatch(plain)
    if match:
        return _based(match[1], match[2].strip("«»"))
    return None


def _based(digits: str, base: str) -> Node | None:
    number = int(base) if base.isdigit() else _BASE_WORDS.get(base, 0)
    if not 2 <= number <= 36 or not any(d.isdigit() for d in digits):
        return None
    return Node("based", (), (digits.upper(), number))
