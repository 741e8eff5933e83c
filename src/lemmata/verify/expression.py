"""The tree that the reader builds and every route walks. One node type, a closed set of heads.

Values: `num` (value a Fraction), `sym` (value a name), `const` (pi, e, i, inf, and `logbase`, the
base that a bare "log" leaves unsaid), `add mul` (any number of arguments), `neg div pow`,
`root` (radicand, index), `call` (value a function's name), `fact`, `pm mp` (± and ∓).
Shapes: `tuple bracket set list interval matrix row`; `rel` (value the operators between the
arguments), `or and`, `union minus inter`, `where` (a set-builder: variable, condition), `all empty`
(of the reals); `quantity` (value a Unit), `percent`, `ratio`, `clock`, `based` (value digits and
base), `mod` (residue, modulus), `approx`, `choice`, `text`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A head, its arguments, and what the head needs to know besides."""

    head: str
    args: tuple[Node, ...] = ()
    value: Any = None

    def walk(self) -> Iterator[Node]:
        """This node and all below it, outermost first."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.args))


def num(value: int | Fraction) -> Node:
    return Node("num", (), Fraction(value))


def sym(name: str) -> Node:
    return Node("sym", (), name)


def call(name: str, *args: Node) -> Node:
    return Node("call", args, name)


def add(*args: Node) -> Node:
    return Node("add", args)


def mul(*args: Node) -> Node:
    return Node("mul", args)


def neg(arg: Node) -> Node:
    return num(-arg.value) if arg.head == "num" else Node("neg", (arg,))


def symbols(node: Node) -> set[str]:
    """The names of the free variables."""
    return {part.value for part in node.walk() if part.head == "sym"}


PI, E, IMAGINARY = (Node("const", (), name) for name in ("pi", "e", "i"))
INFINITY = Node("const", (), "inf")
VALUES = frozenset(
    ("num", "sym", "const", "add", "mul", "neg", "div", "pow", "root", "call", "fact", "pm", "mp")
)
"""Heads of plain values; everything else is a shape."""


def is_value(node: Node) -> bool:
    return node.head in VALUES
