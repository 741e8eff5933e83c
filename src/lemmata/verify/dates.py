"""Calendar dates and days of the week as answers: 2024-03-05, March 5, 2024, 2024年3月5日."""

from __future__ import annotations

import re

from lemmata.types import Verdict
from lemmata.verify.expression import Node
from lemmata.verify.verdicts import CORRECT, incorrect, undecided

_MONTHS = """january february march april may june july august september october november
    december""".split()  # noqa: SIM905
_MONTH = rf"({'|'.join(f'{name}|{name[:3]}' for name in _MONTHS)}|sept)\.?"
_DAY = r"(\d{1,2})(?:\s*«?(?:st|nd|rd|th)»?)?"
_FORMS = [
    (re.compile(pattern, re.IGNORECASE), order)
    for pattern, order in (
        (r"(\d{4})-(\d{2})-(\d{2})", "ymd"),
        (r"(\d{4})/(\d{1,2})/(\d{1,2})", "ymd"),
        (r"(?:(\d{4})\s*«年»\s*)?(\d{1,2})\s*«月»\s*(\d{1,2})\s*«[日号]»", "ymd"),
        (rf"{_MONTH}\s*{_DAY}(?:\s*,?\s*(\d{{4}}))?", "mdy"),
        (rf"(?:the\s+)?{_DAY}\s*(?:of\s+)?{_MONTH}(?:\s*,?\s*(\d{{4}}))?", "dmy"),
    )
]


def date(plain: str) -> Node | None:
    """A date as (year or 0, month, day); None for any other text."""
    for pattern, order in _FORMS:
        match = pattern.fullmatch(plain)
        if match:
            parts = dict(zip(order, match.groups(), strict=True))
            month = _month(parts["m"])
            day = int(parts["d"])
            return (
                Node("date", (), (int(parts["y"] or 0), month, day)) if _real(month, day) else None
            )
    return None


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(text[:3].lower()))


def _real(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def dates(left: Node, right: Node) -> Verdict | None:
    if "date" not in (left.head, right.head):
        return None
    if left.head != right.head:
        return undecided("a date against something else")
    (year, *day), (other_year, *other_day) = left.value, right.value
    if day != other_day or (year and other_year and year != other_year):
        return incorrect("different dates")
    return CORRECT if year == other_year else undecided("the same day, without its year")
