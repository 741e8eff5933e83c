"""Reads the relations of a formula, as derivations write them.

Unlike an answer, a formula may apply a name (`f(2)` is f of 2 or f times 2: `bindings` decides),
may approximate in the middle of a chain, and may have a side that no one here can read
(`1 + 2 + \\cdots + 9 = 45 = 9 \\cdot 5`): then the other sides still speak of each other.
"""

from __future__ import annotations

import re
from itertools import groupby

from lemmata.verify.expression import Node, is_value, sym
from lemmata.verify.normal import normal
from lemmata.verify.structure import AnswerReader
from lemmata.verify.tokens import Unreadable, tokens

FUNCTION_NAMES = frozenset("fghpqFGHPQRSTV")
"""Letters that stand for functions more often than for numbers."""
_SURELY = frozenset("fghFGH")
_EULER = re.compile(r"e\s*\^|\\ln|\bln\b|\\exp|i\s*\^|\\sqrt\{-|[+-]\s*\d*i\b")
_EQUALS = re.compile(r"[({\[]|[)}\]]|(?<![<>!=:\\])=(?!=)")
LONGEST = 2000


class ClaimReader(AnswerReader):
    """As the reader of answers, with applied names and chains that go on behind ≈."""

    keeps_approximations = True

    def name(self) -> Node:
        found = super().name()
        if found.head == "const" and self.sees("(") and not self.token.spaced:  # e(3)
            found = sym(found.value)
        if found.head != "sym" or self.token.spaced or not self.sees("("):
            return found
        start = self.at
        argument = self.bracketed()
        if self.sees("^", "!") and found.value not in _SURELY and argument.head != "num":
            if found.value in FUNCTION_NAMES:
                raise Unreadable("perhaps a power of a function, perhaps of a factor")
            self.at = start
            return found
        return Node("applied", (found, argument))

    def primary(self) -> Node:
        if self.sees("\\pi") and [self.peek(k).text for k in (1, 3)] == ["(", ")"]:
            raise Unreadable("perhaps the number of primes up to a number")
        return super().primary()


def relation(text: str) -> Node | None:
    """A relation, or alternatives or a list of relations; None for anything else."""
    found = _read(text)
    if found is None or found.head not in ("rel", "or", "and", "approx"):
        return None
    return found


def sides(text: str) -> list[Node]:
    """The equations between neighbouring sides that can be read, where others cannot."""
    parts = _split(text[:LONGEST])
    if len(parts) < 3:
        return []
    values = [_value(part) for part in parts]
    return [
        Node("rel", tuple(run), ("=",) * (len(run) - 1))
        for readable, group in groupby(values, key=lambda value: value is not None)
        if readable and len(run := [value for value in group if value is not None]) > 1
    ]


def _read(text: str) -> Node | None:
    try:
        found = ClaimReader(tokens(normal(text))).answer()
    except (Unreadable, RecursionError):
        return None
    return found if _EULER.search(text) else _as_names(found)


def _as_names(node: Node) -> Node:
    """Where nothing speaks of e^x or i², the letters e and i are names like any other."""
    if node.head == "const" and node.value in ("e", "i"):
        return sym(node.value)
    return Node(node.head, tuple(map(_as_names, node.args)), node.value)


def _split(text: str) -> list[str]:
    """The text cut at its equals signs outside brackets."""
    parts, start, depth = [], 0, 0
    for match in _EQUALS.finditer(text):
        if match[0] == "=" and not depth:
            parts.append(text[start : match.start()])
            start = match.end()
        depth += (match[0] in "({[") - (match[0] in ")}]")
    return [*parts, text[start:]]


def _value(text: str) -> Node | None:
    found = _read(text) if text.strip() else None
    return found if found is not None and is_value(found) else None
