"""Types and limits: what the parser accepts but the language does not mean is refused here."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from lemmata.apps.conjecture.language.functions import CONSTANTS, FUNCTIONS, KEEPS_INT
from lemmata.apps.conjecture.language.parse import KEYWORDS
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
    Type,
    children,
)
from lemmata.errors import BadInput

MAX_HEIGHT = 100
Scope = Mapping[str, Type]


def height(node: Node) -> int:
    """How deep the tree is; without recursion, for it is what bounds recursion elsewhere."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        here, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in children(here)]
    return deepest


def check_truth(node: Node, scope: Scope, what: str) -> Node:
    """The tree with its constants marked. Raises BadInput unless it is a truth in this scope."""
    if height(node) > MAX_HEIGHT:
        raise BadInput(f"the {what} nests deeper than {MAX_HEIGHT}", "Simplify it.")
    node = _mark_constants(node, scope)
    if type_of(node, scope) != "bool":
        raise BadInput(f"the {what} is a value, not a truth", "Compare it with something.")
    return node


def check_name(name: str) -> str:
    """A name that a variable may have. Raises BadInput."""
    if name in KEYWORDS or name in FUNCTIONS:
        raise BadInput(f"{name!r} cannot name a variable", "It has a meaning already.")
    if len(name) > 12 or not name.isascii() or not name.isidentifier() or name.startswith("_"):
        raise BadInput(f"{name[:20]!r} cannot name a variable", "Use a few plain letters.")
    return name


def _mark_constants(node: Node, scope: Scope) -> Node:
    match node:
        case Name(name) if name in CONSTANTS and name not in scope:
            return Call(name, ())
        case Number() | Name():
            return node
        case Bind(kind, name, low, high, body):
            low, high = _mark_constants(low, scope), _mark_constants(high, scope)
            return Bind(kind, name, low, high, _mark_constants(body, {**scope, name: "int"}))
        case _:
            return rebuilt(node, tuple(_mark_constants(child, scope) for child in children(node)))


def rebuilt(node: Node, below: tuple[Node, ...]) -> Node:
    """The same node over other children, in the order of `children`."""
    match node:
        case Number() | Name():
            return node
        case Negate():
            return Negate(*below)
        case Not():
            return Not(*below)
        case Operate(op, _, _):
            return Operate(op, *below)
        case Connect(link, _, _):
            return Connect(link, *below)
        case Compare(relation, _, _):
            return Compare(relation, *below)
        case Call(function, _):
            return Call(function, below)
        case Bind(kind, name, _, _, _):
            return Bind(kind, name, *below)


def type_of(node: Node, scope: Scope) -> Type:
    """The type of the node. Raises BadInput where something is used as what it is not."""
    match node:
        case Number(value):
            return "int" if value.denominator == 1 else "real"
        case Name(name):
            return _of_name(name, scope)
        case Negate(operand):
            return _number(operand, scope, "the sign -")
        case Operate():
            return _of_arithmetic(node, scope)
        case Not(operand):
            _demand(operand, scope, "bool", "not")
            return "bool"
        case Connect(op, left, right):
            _demand(left, scope, "bool", op)
            _demand(right, scope, "bool", op)
            return "bool"
        case Compare(op, left, right):
            _number(left, scope, op)
            _number(right, scope, op)
            return "bool"
        case Call():
            return _of_call(node, scope)
        case Bind():
            return _of_binder(node, scope)


def _of_name(name: str, scope: Scope) -> Type:
    if name not in scope:
        hint = f"{name}(…) is a function." if name in FUNCTIONS else "Name it in the domain."
        raise BadInput(f"{name!r} is not a variable here", hint)
    return scope[name]


def _of_arithmetic(node: Operate, scope: Scope) -> Type:
    left, right = _number(node.left, scope, node.op), _number(node.right, scope, node.op)
    if node.op in {"//", "mod"}:
        _demand(node.left, scope, "int", node.op)
        _demand(node.right, scope, "int", node.op)
        return "int"
    if node.op == "^":
        _demand(node.right, scope, "int", "an exponent")
        return left
    if node.op == "/":
        return "real"
    return "int" if left == right == "int" else "real"


def _of_call(node: Call, scope: Scope) -> Type:
    function = FUNCTIONS.get(node.function)
    if function is None:
        near = difflib.get_close_matches(node.function, FUNCTIONS, 1)
        hint = f"Did you mean {near[0]}?" if near else "See the list in docs/guides/conjecture.md."
        raise BadInput(f"there is no function {node.function[:30]!r}", hint)
    takes = function.takes * len(node.arguments) if function.variadic else function.takes
    if len(takes) != len(node.arguments) or (function.variadic and len(takes) < 2):
        wanted = "two or more" if function.variadic else str(len(takes))
        raise BadInput(f"{node.function} takes {wanted} values, not {len(node.arguments)}")
    for argument, wanted_type in zip(node.arguments, takes, strict=True):
        _demand(argument, scope, wanted_type, node.function)
    if node.function in KEEPS_INT:
        given = {type_of(argument, scope) for argument in node.arguments}
        return "int" if given == {"int"} else "real"
    return function.gives


def _of_binder(node: Bind, scope: Scope) -> Type:
    check_name(node.name)
    if node.name in scope:
        raise BadInput(f"{node.name!r} is used twice", "Give the inner one another name.")
    _demand(node.low, scope, "int", "the lower end of a range")
    _demand(node.high, scope, "int", "the upper end of a range")
    inner: Scope = {**scope, node.name: "int"}
    if node.kind in {"exists", "forall", "count"}:
        _demand(node.body, inner, "bool", node.kind)
        return "int" if node.kind == "count" else "bool"
    return _number(node.body, inner, node.kind)


def _number(node: Node, scope: Scope, where: str) -> Type:
    found = type_of(node, scope)
    if found not in {"int", "real"}:
        raise BadInput(f"{where} needs a number, not a {_SAID[found]}")
    return found


def _demand(node: Node, scope: Scope, wanted: Type, where: str) -> None:
    found = type_of(node, scope)
    if found != wanted and not (wanted == "real" and found == "int"):
        raise BadInput(f"{where} needs a {_SAID[wanted]}, not a {_SAID[found]}")


_SAID: dict[Type, str] = {
    "int": "whole number",
    "real": "number",
    "bool": "truth",
    "graph": "graph",
}
