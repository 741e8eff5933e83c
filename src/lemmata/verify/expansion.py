"""Expansions and factorisations between polynomials: which equations can only be meant as one."""

from __future__ import annotations

from lemmata.verify import arithmetic
from lemmata.verify.expression import Node, add, neg


def written(a: Node, b: Node) -> bool:
    """Whether one of two polynomials of the same degree is a product or power of sums, so that
    writing "=" between them can only mean an expansion."""
    degrees = {arithmetic.degree(side) for side in (a, b)}
    if None in degrees or len(degrees) > 1 or degrees == {1}:
        return False
    return any(_has_factors(side) for side in (a, b))


def _has_factors(node: Node) -> bool:
    factors = node.args if node.head in ("mul", "pow") else ()
    return any(part.head == "add" for part in factors)


def slipped(a: Node, b: Node) -> bool:
    """(x+2)(x-3) = x^2 + x - 6, (a+b)^2 = a^2 + b^2: as equations these would say no more than
    that some name is nought, so each is an expansion gone wrong."""
    terms = arithmetic.terms(add(a, neg(b)))
    return terms is not None and (len(terms) == 1 or all(len(term) > 1 for term in terms))
