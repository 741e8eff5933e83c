"""Are two answers equal? `correct`, `incorrect`, or `undecided` with the reason; never a guess.

The order of work: bound the cost before anything is evaluated; exact routes; enclosures at fixed
points, which can only refute; last, a computer algebra system in a worker that can be killed.
No text is ever evaluated as a program, and every route has a bound on its work.
"""

from __future__ import annotations

import re
from fractions import Fraction

from lemmata.types import Verdict
from lemmata.verify import answer as answers
from lemmata.verify import scalar
from lemmata.verify.expression import Node, num
from lemmata.verify.normal import normal
from lemmata.verify.shapes import compare
from lemmata.verify.structure import read, read_list

LONGEST = 4000
"""Characters of an answer; a longer text is a derivation in which none was found."""
_PLAIN = re.compile(r"\s*([-+]?\d{1,300})(?:\.(\d{1,300}))?\s*")
_CALCULUS = re.compile(r"\\(?:sum|prod|int|lim|frac\s*\{d)(?![a-z])")
_THOUSANDS = re.compile(r"\$?\\?\$?(\d{1,3}(?:,?\d{3})*(?:\.\d{1,9})?)\s?[kK]\$?")
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,9}")
"""1.234,56"""
_BOUND = re.compile(r"(?:at least|at most|no (?:more|less|fewer) than) (.{1,100})", re.IGNORECASE)
_TEXT = re.compile(r"\\text(?:bf|rm|it)?\s*\{([^{}]*)\}")
_POINT = re.compile(r"(?:点|(?:the )?point )?\s*[A-Z]?\s*(?:\\left)?([(（].{1,300}[)）])")
_BARE_LIST = re.compile(r"\d,\d")


def verify_math(answer: str, gold: str) -> Verdict:
    """Compare an answer, bare or at the end of a derivation, with the gold answer."""
    quick = _numbers(answer, gold)
    if quick is not None:
        return quick
    left, right = final(answer), final(gold)
    if not left or not right:
        return Verdict("undecided", "there is no answer to compare")
    if len(left) > LONGEST or len(right) > LONGEST:
        same = _same_text(left, right)
        return Verdict("undecided", "too long for an answer") if same is None else same
    for route in (_numbers, _same_text):
        verdict = route(left, right)
        if verdict is not None:
            return verdict
    scalar.allow()
    try:
        return _compare(left, right)
    except (ArithmeticError, MemoryError, RecursionError) as error:
        return Verdict("undecided", f"beyond the checker ({type(error).__name__})")


def final(text: str) -> str:
    """The answer inside a longer text; a text of one formula is its own answer. Words in a box are
    read as they are without it."""
    found = answers.extract(text)
    if found is None or (found.where == "last line" and _is_bare(text.strip())):
        return text.strip()
    if found.where == "boxed" and read(found.text).head == "text":
        words = _TEXT.sub(r"\1", found.text)
        return final(words) if answers.is_prose(words) else found.text
    return found.text


def _is_bare(text: str) -> bool:
    """One line that is a formula, or that has no sentence around its formula."""
    if len(text) > LONGEST or "\n" in text:
        return False
    return not answers.is_prose(text) or read(text).head != "text"


def _numbers(answer: str, gold: str) -> Verdict | None:
    """Two plain decimals, the commonest case by far."""
    left = _PLAIN.fullmatch(answer)
    right = _PLAIN.fullmatch(gold) if left else None
    if not left or not right:
        return None
    same = left.groups() == right.groups() or _value(left) == _value(right)
    return scalar.CORRECT if same else scalar.INCORRECT


def _value(match: re.Match[str]) -> Fraction:
    return Fraction(f"{match[1]}.{match[2] or 0}")


def _same_text(left: str, right: str) -> Verdict | None:
    same = left == right or left.split() == right.split()
    return Verdict("correct", "the same text") if same else None


def _compare(left: str, right: str) -> Verdict:
    a, b = read(left), read(right)
    if a.head == b.head == "text":
        return _texts(left, right, a, b)
    if "text" in (a.head, b.head) and (_CALCULUS.search(left) or _CALCULUS.search(right)):
        return scalar.by_algebra_system({"a": normal(left), "b": normal(right)})
    verdict = compare(a, b)
    if verdict.state == "correct":
        return verdict
    other = _other_reading(left, right, a, b)
    return verdict if other is None else other


def _texts(left: str, right: str, a: Node, b: Node) -> Verdict:
    """Words compare as words; two formulas outside our grammar go to the algebra system."""
    formula = all("\\" in text or "=" in text or "^" in text for text in (left, right))
    if a.value == b.value or not formula:
        return compare(a, b)
    return scalar.by_algebra_system({"a": normal(left), "b": normal(right)})


def _other_reading(left: str, right: str, a: Node, b: Node) -> Verdict | None:
    """1,234 against a list of two: there the comma separates. 500k against a number: thousands.
    1.234,56 against a number: a decimal comma. P(1, 2) against a pair: the point."""
    for text, node, other in ((left, a, b), (right, b, a)):
        match = _THOUSANDS.fullmatch(text.strip())
        if match and node.head == "mul" and other.head in ("num", "quantity"):
            return compare(num(Fraction(match[1].replace(",", "")) * 1000), other)
        if _CONTINENTAL.fullmatch(text.strip()) and other.head == "num":
            return compare(read(text.strip().replace(".", "").replace(",", ".")), other)
        bound = _BOUND.fullmatch(text.strip("$ "))
        if bound and compare(read(bound[1]), other).state == "correct":
            return Verdict("undecided", "a bound against a value")
        point = _POINT.fullmatch(text.strip("$ "))
        if point and other.head == "tuple":
            return compare(read(point[1]), other)
    for text, node, other in ((left, a, b), (right, b, a)):
        if (
            node.head == "num"
            and other.head in ("and", "or", "set", "tuple")
            and _BARE_LIST.search(text)
        ):
            verdict = compare(read_list(text), other)
            if verdict.state == "correct":
                return verdict
    return None
