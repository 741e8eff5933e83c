"""A spec as plain Python text, for the standalone checker that a person runs. Never run here."""

from __future__ import annotations

from typing import Any

from lemmata.apps.conjecture.language.check import type_of
from lemmata.apps.conjecture.language.functions import FUNCTIONS, KEEPS_INT
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Connect,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Operate,
    walk,
)

_RELATIONS = {"=": "==", "!=": "!="}
_GATHER = {
    "exists": "any", "forall": "all", "sum": "sum", "product": "product",
    "min": "min", "max": "max",
}  # fmt: skip
REALS = {
    "sqrt": "real_sqrt", "log": "real_log", "exp": "real_exp", "pi": "real_pi",
    "floor": "math.floor", "ceil": "math.ceil",
}  # fmt: skip


def python(node: Node, scope: dict[str, Any]) -> str:  # noqa: C901 - one case a kind of node
    """An expression over the variables of the scope, every part in brackets."""
    match node:
        case Number(value):
            whole = value.denominator == 1
            return str(value.numerator) if whole else f"Fraction({str(value)!r})"
        case Name(name):
            return f"{name}_"  # so that no variable hides a function
        case Negate(operand):
            return f"(-{python(operand, scope)})"
        case Not(operand):
            return f"(not {python(operand, scope)})"
        case Operate():
            return _arithmetic(node, scope)
        case Connect(op, left, right):
            one, two = python(left, scope), python(right, scope)
            if op == "<->":
                return f"({one} == {two})"
            one = f"(not {one})" if op == "->" else one
            word = "and" if op == "and" else "or"
            if any(map(_partial, walk(left))):
                return f"decided(lambda: {one}, lambda: {two}, {word == 'or'})"
            return f"({one} {word} {two})"
        case Compare(op, left, right):
            return f"({python(left, scope)} {_RELATIONS.get(op, op)} {python(right, scope)})"
        case Call(function, arguments):
            inner = ", ".join(python(argument, scope) for argument in arguments)
            name = function if function in KEEPS_INT else REALS.get(function, f"{function}")
            return f"{name}({inner})"
        case Bind():
            return _bind(node, scope)


def _partial(node: Node) -> bool:
    """Whether the node may have no value: the other side of `and` and `or` can then decide."""
    if isinstance(node, Call):
        return FUNCTIONS[node.function].gives != "bool"
    return isinstance(node, Operate) and node.op in {"/", "//", "mod", "^"}


def _arithmetic(node: Operate, scope: dict[str, Any]) -> str:
    left, right = python(node.left, scope), python(node.right, scope)
    match node.op:
        case "/":
            return f"(Fraction({left}) / {right})"
        case "mod":
            return f"({left} % {right})"
        case "^" if type_of(node.left, scope) == "int":
            return f"raised({left}, {right})"
        case "^":
            return f"({left} ** {right})"
        case op:
            return f"({left} {op} {right})"


def _bind(node: Bind, scope: dict[str, Any]) -> str:
    low, high = python(node.low, scope), python(node.high, scope)
    body = python(node.body, {**scope, node.name: "int"})
    turns = f"for {node.name}_ in range({low}, {high} + 1)"
    if node.kind == "count":
        return f"sum(1 {turns} if {body})"
    return f"{_GATHER[node.kind]}({body} {turns})"
