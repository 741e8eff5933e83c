"""Reads a whole answer: lists, alternatives, relations, sets, intervals, matrices, quantities.

`read` never fails: what is no mathematics becomes a `text` node.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lemmata.verify import words
from lemmata.verify.brackets import Brackets
from lemmata.verify.expression import Node, is_value, sym, symbols
from lemmata.verify.normal import normal
from lemmata.verify.special import special
from lemmata.verify.tokens import Unreadable, tokens

RELATIONS = frozenset(("=", "<", ">", "<=", ">=", "!=", "\\in", "\\equiv", "\\approx", "\\notin"))
_SET_OPERATORS = {"\\cup": "union", "\\cap": "inter", "\\setminus": "minus"}
_SENTENCE = re.compile(
    r".*?\b(?:is|are|equals|equal to|was|be|it's|that's)\b[:\s]*(.+)", re.IGNORECASE | re.DOTALL
)
_ASIDE = re.compile(r"(.*\S)\s*\((?:or|i\.e\.|that is|approximately|about)\b[^()]*\)", re.DOTALL)


@lru_cache(maxsize=4096)
def read(text: str) -> Node:
    """The shape of an answer; `text` where it is words."""
    return _read(normal(text), True)


@lru_cache(maxsize=1024)
def read_list(text: str) -> Node:
    """As `read`, but every comma separates: 1,234 is then two numbers."""
    return _read(normal(text), False)


def _read(plain: str, thousands: bool) -> Node:
    found = special(plain, lambda rest: _read(rest, True))
    if found:
        return found
    try:
        return AnswerReader(tokens(plain, thousands)).answer()
    except (Unreadable, RecursionError):
        return _sentence(plain, thousands)


def _sentence(plain: str, thousands: bool) -> Node:
    """A formula at the end of words ("Area = 5", "the sum is 5"), or else the words."""
    head, equals, tail = plain.rpartition("=")
    if equals and not head.rstrip().endswith(("<", ">", "!")) and head.strip() and tail.strip():
        right = _read(tail.strip(), thousands)
        if right.head != "text" and re.search(r"[A-Za-z«]", head) and "," not in head:
            return Node("rel", (sym(f"«{head.strip()}»"), right), ("=",))
    aside = _ASIDE.fullmatch(plain)
    if aside:
        return _read(aside[1], thousands)
    match = _SENTENCE.match(plain)
    if match and match[1] != plain:
        found = _read(match[1].strip(), thousands)
        if found.head != "text":
            return found
    return Node("text", (), words.text_answer(plain))


class AnswerReader(Brackets):
    """The reader of values, with the shapes that stand around and inside them."""

    keeps_approximations = False
    """Whether x ≈ 3 remains a relation; as an answer it is the value 3, approximately."""

    def answer(self) -> Node:
        clauses = [self.clause()]
        while self.take("or"):
            clauses.append(self.clause())
        if self.token.kind != "end":
            raise Unreadable(f"{self.token.text!r} at the end")
        return clauses[0] if len(clauses) == 1 else Node("or", tuple(clauses))

    def clause(self) -> Node:
        """Items joined by commas or "and"."""
        items = [self.item()]
        while self.take(",", ";", "and"):
            self.take("and")
            if self.take("or"):  # "1, 2, or 3"
                self.at -= 1
                break
            if self.token.kind == "end":
                break
            items.append(self.item())
        return items[0] if len(items) == 1 else Node("and", tuple(items))

    def item(self) -> Node:
        """A chain of relations, or one thing."""
        parts, operators = [], []
        if self.take("\\approx"):
            return Node("approx", (self.thing(),))
        if self.sees("\\in", "<", ">", "<=", ">="):
            parts.append(sym("x"))
        else:
            parts.append(self.thing())
        while self.sees(*RELATIONS):
            operators.append(self.next().text)
            parts.append(self.thing())
        if self._modulus_follows():
            parts[-1] = Node("mod", (parts[-1], self.modulus()))
        elif "\\equiv" in operators and parts[-1].value == "mod":
            parts[-1] = Node("mod", parts[-1].args)
        if not operators:
            return parts[0]
        if operators[-1] == "\\approx" and not self.keeps_approximations:
            exact = parts[-2:-1] if is_value(parts[-2]) and not symbols(parts[-2]) else []
            return Node("approx", (parts[-1], *exact))
        return Node("rel", tuple(parts), tuple(operators))

    def _modulus_follows(self) -> bool:
        return self.sees("\\pmod", "\\mod", "\\pod") or (
            self.sees("(") and self.peek().text in ("mod", "\\mod")
        )

    def modulus(self) -> Node:
        braced = self.take("(")
        self.at += 1
        found = self.sum()
        if braced:
            self.expect(")")
        return found

    def thing(self) -> Node:
        """Sums joined by ∪, ∩, ∖ or a colon; then a unit."""
        found = self.measured()
        while self.token.text in _SET_OPERATORS:
            head = _SET_OPERATORS[self.next().text]
            found = Node(head, (found, self.measured()))
        if self.sees(":", "to") and not self.in_builder and is_value(found):
            parts = [found]
            while self.take(":", "to"):
                parts.append(self.sum())
            return Node("ratio", tuple(parts))
        return found
