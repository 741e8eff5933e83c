"""English number words, and the words of answers that are no numbers (yes, no solution, even)."""

from __future__ import annotations

import re
from fractions import Fraction

_BELOW_TWENTY = """zero one two three four five six seven eight nine ten eleven twelve thirteen
    fourteen fifteen sixteen seventeen eighteen nineteen"""
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: i for i, word in enumerate(_BELOW_TWENTY.split())}
_TENS = {word: 10 * i for i, word in enumerate(_DECADES.split(), 2)}
SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_STOP_WORDS = """
    a an the is are of to in on at per for and or as be by if so we it he she they you his her its
    our my me us has had was can may did do not no nor but now out all any get got see let who how
    why too new old own yes up off day way man men boy age due
"""
STOP = frozenset(_STOP_WORDS.split())

_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_SAME = {
    "yes": "yes", "no": "no", "true": "true", "false": "false", "correct": "true",
    "incorrect": "false",
    "no solution": "none", "no solutions": "none", "no real solution": "none",
    "no real solutions": "none",
    "none": "none", "there is no solution": "none", "there are no solutions": "none",
    "empty set": "none",
    "the empty set": "none", "does not exist": "undefined", "dne": "undefined",
    "undefined": "undefined",
    "not defined": "undefined", "infinitely many": "infinitely many",
    "infinitely many solutions": "infinitely many", "infinite solutions": "infinitely many",
    "all real numbers": "reals", "all reals": "reals", "all real x": "reals",
    "any real number": "reals",
    "infinity": "infinity", "negative infinity": "-infinity", "even": "even", "odd": "odd",
} | {day: day for day in _DAYS.split()}  # fmt: skip


def number(run: list[str]) -> tuple[int, int] | None:
    """The value of the number words at the head of `run` and how many entries they take.

    Hyphens are entries of their own, as the tokens give them.
    """
    total = group = used = at = 0
    while at < len(run):
        word = run[at].lower()
        if word in _UNITS:
            group += _UNITS[word]
        elif word in _TENS:
            group += _TENS[word]
        elif word == "hundred" and used:
            group *= 100
        elif word in SCALES and used:
            total, group = total + group * SCALES[word], 0
        elif not (used and word in ("-", "and") and at + 1 < len(run) and _counts(run[at + 1])):
            break
        at += 1
        used = at
    return (total + group, used) if used else None


def _counts(word: str) -> bool:
    return word.lower() in _UNITS or word.lower() in _TENS


_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
          "eighth": 8, "ninth": 9, "tenth": 10, "twelfth": 12, "hundredth": 100}  # fmt: skip
MULTIPLES = {
    f"{name}{more}": Fraction(1, part) for name, part in _PARTS.items() for more in ("", "s")
} | {
    "halves": Fraction(1, 2), "dozen": Fraction(12), "dozens": Fraction(12), "score": Fraction(20),
}  # fmt: skip
"""Words behind a number that may scale it or only name what is counted."""


def fraction(text: str) -> Fraction | None:
    """The value of words alone, with a sign or a part in them: one half, two and a half, minus
    five. None where no such word is among them."""
    run = text.lower().replace("-", " ").split()
    if run[-1:] == ["dozen"] and run[:-1] in ([], ["a"], ["half"], ["half", "a"]):
        return Fraction(6 if "half" in run else 12)
    signed = run[:1] in (["minus"], ["negative"])
    found = _with_part(run[1:] if signed else run)
    if found is None and signed:
        counted = number(run[1:])
        found = Fraction(counted[0]) if counted and counted[1] == len(run) - 1 else None
    return found if found is None or not signed else -found


def _with_part(run: list[str]) -> Fraction | None:
    """three quarters; two and a half."""
    if not run or not (part := MULTIPLES.get(run[-1])) or part > 1:
        return None
    head = ["one" if word in ("a", "an") else word for word in run[:-1]]
    if "and" in head:
        at = head.index("and")
        whole, rest = number(head[:at]), _with_part([*head[at + 1 :], run[-1]])
        return whole[0] + rest if whole and whole[1] == at and rest is not None else None
    count = number(head) if head else (1, 0)
    return count[0] * part if count and count[1] == len(head) else None


def fixed(text: str) -> bool:
    """Whether these words have one meaning as an answer."""
    return text in _SAME.values() or text in _SAME


def known(text: str) -> str | None:
    """The one spelling of an answer in words that has a fixed meaning."""
    return _SAME.get(" ".join(text.replace("«", "").replace("»", "").lower().split()).rstrip("."))


def text_answer(text: str) -> str:
    """The words of an answer in one spelling: lower case, no articles, synonyms joined."""
    words = re.sub(r"«([^«»]*)»", r" \1 ", text).lower()
    words = re.sub(r"[^\w\s+\-/'.\\]", " ", words)
    words = " ".join(words.split())
    if words in _SAME:
        return _SAME[words]
    kept = [word for word in words.split() if word not in ("a", "an", "the")]
    return " ".join(kept) or words
