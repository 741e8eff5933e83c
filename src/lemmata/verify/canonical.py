"""One form for what may be written in several: words, ±, residues, lists of rows."""

from __future__ import annotations

from lemmata.verify.expression import INFINITY, Node, is_value, mul, neg, num
from lemmata.verify.families import family

_WORDS = {
    "none": Node("empty"),
    "reals": Node("all"),
    "infinity": INFINITY,
    "-infinity": neg(INFINITY),
}


def canonical(node: Node) -> Node:
    """Words with a mathematical meaning, ± as two values, lists of rows as matrices."""
    if node.head == "text":
        return _WORDS.get(node.value, node)
    if node.head == "rel" and set(node.value) <= {"\\equiv", "="} and node.args[-1].head == "mod":
        return node.args[-1]
    if node.head == "rel" and node.value == ("=",) and node.args[1].value == "mod":
        return Node("mod", node.args[1].args)  # x = 3 mod 7
    if _is_list_of_rows(node):
        return Node("matrix", tuple(Node("row", arg.args) for arg in node.args))
    if node.head == "set" and not node.args:
        return Node("empty")
    if node.head == "rel" and node.value == ("=",) and (signs := _both_signs(node.args[1])):
        return Node("or", tuple(Node("rel", (node.args[0], sign), ("=",)) for sign in signs))
    if node.head in ("where", "and"):
        return family(node)
    if is_value(node):
        signs = _both_signs(node)
        if signs:
            return Node("and", signs)
        return _scaled_matrix(node) or node
    return node


def _is_list_of_rows(node: Node) -> bool:
    """[[1, 2], [3, 4]]"""
    if node.head != "bracket" or len(node.args) < 2:
        return False
    first = node.args[0]
    return first.head in ("bracket", "tuple") and all(
        arg.head == first.head and len(arg.args) == len(first.args) for arg in node.args
    )


def _both_signs(node: Node) -> tuple[Node, Node] | None:
    """The two values of an expression with ± (and ∓, which takes the other sign)."""
    if not any(part.head in ("pm", "mp") for part in node.walk()):
        return None
    return _with_signs(node, 1), _with_signs(node, -1)


def _with_signs(node: Node, sign: int) -> Node:
    args = tuple(_with_signs(arg, sign) for arg in node.args)
    if node.head in ("pm", "mp"):
        return args[0] if (node.head == "pm") == (sign > 0) else neg(args[0])
    return Node(node.head, args, node.value)


def _scaled_matrix(node: Node) -> Node | None:
    """A number times a matrix or tuple, multiplied in."""
    if node.head == "neg" and node.args[0].head in ("matrix", "tuple"):
        return _times_cells(node.args[0], num(-1))
    if node.head == "mul" and node.args[-1].head in ("matrix", "tuple"):
        factors = node.args[:-1]
        return _times_cells(node.args[-1], mul(*factors)) if all(map(is_value, factors)) else None
    return None


def _times_cells(node: Node, factor: Node) -> Node:
    if node.head in ("matrix", "row", "tuple"):
        return Node(node.head, tuple(_times_cells(arg, factor) for arg in node.args))
    return mul(factor, node)
