"""The tree of an expression. Frozen, hashable, without behaviour beyond walking it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Type = Literal["int", "real", "bool", "graph"]
Arithmetic = Literal["+", "-", "*", "/", "//", "mod", "^"]
Connective = Literal["and", "or", "->", "<->"]
Relation = Literal["=", "!=", "<", "<=", ">", ">="]
Binder = Literal["exists", "forall", "sum", "product", "count", "min", "max"]


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; decimals are exact fractions."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A variable of the domain, or one that a binder introduces."""

    name: str


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Node


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node


@dataclass(frozen=True, slots=True)
class Operate:
    """Arithmetic. `/` is exact division of reals, `//` and `mod` round towards minus infinity."""

    op: Arithmetic
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Connect:
    op: Connective
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare:
    op: Relation
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """`kind` over every integer `name` from `low` to `high`, both included."""

    kind: Binder
    name: str
    low: Node
    high: Node
    body: Node


Node = Number | Name | Negate | Not | Operate | Connect | Compare | Call | Bind


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Number() | Name():
            return ()
        case Negate(operand) | Not(operand):
            return (operand,)
        case Operate(_, left, right) | Connect(_, left, right) | Compare(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case Bind(_, _, low, high, body):
            return (low, high, body)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def free_names(node: Node) -> frozenset[str]:
    """The variables that the node takes from outside."""
    match node:
        case Name(name):
            return frozenset({name})
        case Bind(_, name, low, high, body):
            return free_names(low) | free_names(high) | (free_names(body) - {name})
        case _:
            return frozenset().union(*map(free_names, children(node)))


def conjuncts(node: Node) -> tuple[Node, ...]:
    """What must all hold for the node to hold."""
    if isinstance(node, Connect) and node.op == "and":
        return conjuncts(node.left) + conjuncts(node.right)
    return (node,)


def conjunction(parts: tuple[Node, ...]) -> Node | None:
    """The `and` of the parts; None of none."""
    whole: Node | None = None
    for part in parts:
        whole = part if whole is None else Connect("and", whole, part)
    return whole
