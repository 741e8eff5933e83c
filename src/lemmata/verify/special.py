"""Answers that the grammar of values would misread: choices, times of day, numerals in a base."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from lemmata.verify import dates, families, units, words
from lemmata.verify.expression import Node, add, num, sym

_CHOICE = re.compile(
    r"(?:(?:the\s+)?(?:option|choice|answer)\s*:?\s*)?(?:\(\s*([A-J])\s*\)|\[([A-J])\]|«?([A-J])»?\s*[).:](?=\s|$|[^\d=])|«\(?([A-J])[).]?»)"
    r"[.:]?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_OPTION_WORD = re.compile(r"(?:the\s+)?(?:option|choice)\s*:?\s*\(?([A-J])\)?\.?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*«?([ap]\.?m\.?)?»?", re.IGNORECASE)
_PROGRAMMERS = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]{1,300}|[bB][01]{1,900}|[oO][0-7]{1,300})")
_FEET = re.compile(r"(\d{1,4})\s*'\s*(\d{1,2}(?:\.\d+)?)\s*(?:\"|'')")
_SEVERAL = re.compile(r"[A-H]{4,8}")
_HOUR = re.compile(
    r"(\d{1,2})\s*(?:(o'clock|«点[钟整]?»)\s*)?(?:«?([ap])\.?m\b\.?»?)?", re.IGNORECASE
)
_ASIDE = re.compile(r"([^()]{1,200}\S)\s+\((?:\d{1,9}(?:\.\d{1,9})?)%\)")
_OUT_OF = re.compile(r"(\d{1,9})\s*(?:«?out of»?|«?in»?)\s*([1-9]\d{0,8})", re.IGNORECASE)
_TICKS = {
    "\\sqrt": "true",
    "✓": "true",
    "✔": "true",
    "\\times": "false",
    "✗": "false",
    "✘": "false",
}
_TIMES_OF_DAY = {
    "noon": (12, 0, 0, "pm"), "12 noon": (12, 0, 0, "pm"), "midday": (12, 0, 0, "pm"),
    "midnight": (12, 0, 0, "am"), "12 midnight": (12, 0, 0, "am"),
}  # fmt: skip
_BASED = re.compile(r"\(?([0-9A-Fa-f]+)\)?_\s*\{?\s*\(?(\d{1,2}|«?[a-z]+»?)\)?\s*\}?")
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
    return _fixed(plain) or _choice(plain, read) or _measured(plain, read) or _numeral(plain, read)


def _fixed(plain: str) -> Node | None:
    if re.fullmatch(r"\([a-j]\)", plain):
        return Node("choice", (), plain[1].upper())
    if plain in _TICKS:
        return Node("text", (), _TICKS[plain])
    if re.fullmatch(r"\\?\{\s*\\?\}", plain):
        return Node("empty")
    known = words.known(plain)
    if known:
        return Node("text", (), known)
    return None


def _choice(plain: str, read: Callable[[str], Node]) -> Node | None:
    if _SEVERAL.fullmatch(plain) and list(plain) == sorted(set(plain)):
        return Node("mul", tuple(map(sym, plain)))
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
    return None


def _measured(plain: str, read: Callable[[str], Node]) -> Node | None:
    """Times of day, dates, feet and inches, parts in words, so many out of so many."""
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
    match = _HOUR.fullmatch(plain)
    if match and (match[2] or match[3]):
        return Node("clock", (), (int(match[1]), 0, 0, f"{match[3].lower()}m" if match[3] else ""))
    match = _ASIDE.fullmatch(plain)
    if match:  # 3/4 (75%)
        return read(match[1])
    return dates.date(plain) or _half_past(plain) or _spelled(plain) or _out_of(plain)


def _numeral(plain: str, read: Callable[[str], Node]) -> Node | None:
    """Numerals in a base; a family over the whole numbers."""
    run = families.declared(plain)
    if run:
        return Node("family", (read(run[0]),), run[1])
    if _PROGRAMMERS.fullmatch(plain):
        return num(int(plain, 0))
    match = _BASED.fullmatch(plain)
    if match:
        return _based(match[1], match[2].strip("«»"))
    return None


def _half_past(plain: str) -> Node | None:
    """noon and midnight; 5'10" as feet and inches."""
    if plain.lower() in _TIMES_OF_DAY:
        return Node("clock", (), _TIMES_OF_DAY[plain.lower()])
    match = _FEET.fullmatch(plain)
    if not match:
        return None
    feet = add(num(int(match[1])), num(Fraction(match[2]) / 12))
    return Node("quantity", (feet,), units.TABLE["ft"])


def _spelled(plain: str) -> Node | None:
    """one half, three-quarters, two and a half; minus five."""
    value = words.fraction(plain)
    return None if value is None else num(value)


def _out_of(plain: str) -> Node | None:
    """3 out of 8, 1 in 4."""
    match = _OUT_OF.fullmatch(plain)
    return Node("div", (num(int(match[1])), num(int(match[2])))) if match else None


def _based(digits: str, base: str) -> Node | None:
    number = int(base) if base.isdigit() else _BASE_WORDS.get(base, 0)
    if not 2 <= number <= 36 or not (any(d.isdigit() for d in digits) or digits.isupper()):
        return None
    return Node("based", (), (digits.upper(), number))
