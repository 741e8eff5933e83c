"""What both languages share: names, formulas among the words, denials."""

from __future__ import annotations

import re
from fractions import Fraction

from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.ellipsis import put
from lemmata.apps.conjecture.formalise.formula import read
from lemmata.apps.conjecture.formalise.signs import NotAFormula
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Connect,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Operate,
    children,
    free_names,
    walk,
)
from lemmata.errors import BadInput

_OF_INTEGERS = re.compile(
    r"divid|divisib|multiple|prime\b|coprime|\b(?:even|odd)\b|\\n?mid|\\equiv|[≡∣∤]| \| |gcd"
    r"|整除|素|质|互|偶数|奇数|余"
)


class NotUnderstood(BadInput):
    """These words are beyond the templates. Says which."""


class Ambiguous(NotUnderstood):
    """Understood, but in more than one way: told before any other fault."""


class Names:
    """The variables in scope, and unused ones for binders."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.aliases: dict[str, Node] = {}
        """Letters that stand for a value: the n of `a tree on n vertices`."""
        self.topic: str | None = None
        """What `its` and `itself` refer to."""

    def copy(self) -> Names:
        """These names, to come back to when a reading fails."""
        kept = Names()
        kept.taken, kept.aliases, kept.topic = set(self.taken), dict(self.aliases), self.topic
        return kept

    def fresh(self, wanted: str) -> str:
        """The wanted letter, or another that is free."""
        letters: list[str] = [wanted, *"abcdkmpqrstuvwxyz"]
        for letter in letters:
            if letter not in self.taken:
                self.taken.add(letter)
                return letter
        raise NotUnderstood("too many variables")

    def assumed(self, letters: list[str], text: str = "") -> Things:
        """Letters that nobody introduced: n and its like are positive integers by custom, and so
        are those of which the text says what is said of integers only; of x or a no one can
        know."""
        custom = "abcdefghijklmnpqrstuvw" if _OF_INTEGERS.search(text) else "ijklmnpq"
        unclear = [letter for letter in letters if letter not in custom]
        if unclear or not letters:
            who = ", ".join(unclear) or "the variable"
            raise NotUnderstood(f"it is not said what {who} is", "Say: for all real numbers x, …")
        self.taken.update(letters)
        return Things(letters, low=Fraction(1), custom=True)

    @property
    def frozen(self) -> frozenset[str]:
        return frozenset(self.taken)


def formula(text: str, names: Names) -> Node:
    """The text as a formula over the names. Raises NotUnderstood."""
    try:
        node = read(text, names.frozen)
    except NotAFormula as fault:
        raise NotUnderstood(f"{text.strip()[:80]!r} is not understood", str(fault)) from None
    unknown = free_names(node) - names.frozen
    if unknown:
        raise NotUnderstood(f"{min(unknown)!r} is not a variable of the statement")
    known(node)
    for alias, value in names.aliases.items():
        node = put(node, alias, value)
    return node


def truth(text: str, names: Names) -> Node:
    """The text as a formula that is true or not. Raises NotUnderstood."""
    node = formula(text, names)
    if isinstance(node, Number | Name | Negate | Operate):
        raise NotUnderstood(f"{text.strip()[:80]!r} is no claim")
    return node


def value(text: str, names: Names) -> Node:
    """The text as a formula that is a number, not a truth. Raises NotUnderstood."""
    node = formula(text, names)
    if isinstance(node, Compare | Connect | Not) or node == Call("divides", children(node)):
        raise NotUnderstood(f"{text.strip()[:80]!r} is no value")
    return node


def known(node: Node) -> None:
    """Raises NotUnderstood if a function that the language lacks is called."""
    for each in walk(node):
        if isinstance(each, Call) and each.function not in FUNCTIONS:
            raise NotUnderstood(f"there is no function {each.function!r}")


def denied(node: Node) -> Node:
    """Not the node; comparisons are turned round, double denials go."""
    match node:
        case Not(operand):
            return operand
        case Compare(op, left, right):
            return Compare(_OPPOSITE[op], left, right)  # type: ignore[arg-type]
        case _:
            return Not(node)


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def tidy(text: str) -> str:
    """One space between words."""
    return " ".join(text.split())
