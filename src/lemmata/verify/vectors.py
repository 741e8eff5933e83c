"""Vectors by their unit vectors: i + 2j - 3k is (1, 2, -3)."""

from __future__ import annotations

from lemmata.types import Verdict
from lemmata.verify.expression import Node, add, is_value, mul, neg, num, symbols
from lemmata.verify.families import replaced
from lemmata.verify.verdicts import Compare, in_order

_AXES = ("i", "j", "k")


def components(left: Node, right: Node, compare: Compare) -> Verdict | None:
    """A tuple of two or three against a sum in i, j, k; j must be there, or i is the number."""
    for row, total in ((left, right), (right, left)):
        if row.head == "tuple" and len(row.args) in (2, 3) and is_value(total):
            named = _named(total)
            if "j" in symbols(named) and symbols(named) <= set(_AXES[: len(row.args)]):
                parts = _parts(named, len(row.args), compare)
                return None if parts is None else in_order(row.args, parts, compare)
    return None


def _named(node: Node) -> Node:
    """The imaginary unit as a name like j."""
    if node.head == "const" and node.value == "i":
        return Node("sym", (), "i")
    return Node(node.head, tuple(map(_named, node.args)), node.value)


def _parts(total: Node, size: int, compare: Compare) -> tuple[Node, ...] | None:
    """The factors of the axes; None where the sum is not linear in them."""
    parts = tuple(_at(total, [num(axis == at) for axis in range(size)]) for at in range(size))
    axes = [Node("sym", (), name) for name in _AXES[:size]]
    whole = add(*(mul(part, axis) for part, axis in zip(parts, axes, strict=True)))
    linear = compare(add(total, neg(whole)), num(0))
    return parts if linear.state == "correct" else None


def _at(node: Node, values: list[Node]) -> Node:
    for name, value in zip(_AXES[: len(values)], values, strict=True):
        node = replaced(node, name, value)
    return node
