"""Remainders, however they are said; a congruence is a divisibility, so any residue may stand."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.apps.conjecture.formalise import numbers
from lemmata.apps.conjecture.formalise.parts import NotUnderstood
from lemmata.apps.conjecture.language.syntax import Compare, Connect, Node, Operate


def disjunction(parts: Sequence[Node]) -> Node:
    """The `or` of the parts, of which there is at least one."""
    whole = parts[0]
    for part in parts[1:]:
        whole = Connect("or", whole, part)
    return whole


def congruent(subject: Node, residues: Sequence[Node], modulus: Node) -> Node:
    """The modulus divides the difference from one of the residues: -1 and 25 are residues too,
    which `subject mod m = r` would never equal."""
    return disjunction([numbers.congruent(modulus, subject, each) for each in residues])


def remainder(subject: Node, left: Node, modulus: Node) -> Node:
    """What a division leaves is exactly this."""
    return Compare("=", Operate("mod", subject, modulus), left)


def leaving(subject: Node, remainders: Sequence[Node], modulus: Node) -> Node:
    """What a division leaves is one of these."""
    return disjunction([remainder(subject, each, modulus) for each in remainders])


def ending(subject: Node, digits: Sequence[str]) -> Node:
    """The decimal digits end in one of these. Raises NotUnderstood unless they are digits."""
    if not digits or not all(each.isdecimal() and len(each) <= 9 for each in digits):
        raise NotUnderstood(f"{' '.join(digits)[:40]!r} are no digits")
    return disjunction(
        [
            remainder(subject, numbers.number(int(each)), numbers.number(10 ** len(each)))
            for each in digits
        ]
    )
