"""From a tree back to text in the language itself; parsing it gives the same tree."""

from __future__ import annotations

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
)

_STRENGTH = {
    "<->": 1,
    "->": 2,
    "or": 3,
    "and": 4,
    "+": 7,
    "-": 7,
    "*": 8,
    "/": 8,
    "//": 8,
    "mod": 8,
}
_NOT, _RELATION, _SIGN, _POWER, _ATOM = 5, 6, 9, 10, 11


def write(node: Node) -> str:
    """The text of an expression, with no more brackets than it needs."""
    return _at(node, 0)


def _at(node: Node, least: int) -> str:
    text, strength = _written(node)
    return f"({text})" if strength < least else text


def _written(node: Node) -> tuple[str, int]:  # noqa: C901 - one case a kind of node
    match node:
        case Number(value):
            return _number(value.numerator, value.denominator)
        case Name(name):
            return name, _ATOM
        case Negate(operand):
            return f"-{_at(operand, _SIGN)}", _SIGN
        case Not(operand):
            return f"not {_at(operand, _NOT)}", _NOT
        case Operate("^", base, exponent):
            return f"{_at(base, _ATOM)}^{_at(exponent, _SIGN)}", _POWER
        case Operate(op, left, right):
            strength = _STRENGTH[op]
            return f"{_at(left, strength)} {op} {_at(right, strength + 1)}", strength
        case Connect(op, left, right):
            strength = _STRENGTH[op]
            first, second = (3, 2) if op == "->" else (strength, strength + 1)
            return f"{_at(left, first)} {op} {_at(right, second)}", strength
        case Compare(op, left, right):
            return f"{_at(left, _RELATION + 1)} {op} {_at(right, _RELATION + 1)}", _RELATION
        case Call(function, arguments):
            inner = ", ".join(_at(argument, 0) for argument in arguments)
            return (f"{function}({inner})" if arguments else function), _ATOM
        case Bind(kind, name, low, high, body):
            inner = f"{name} in {_at(low, 7)}..{_at(high, 7)}: {_at(body, 0)}"
            # A quantifier reaches as far right as it can, so it is bracketed wherever it is a part.
            return (
                (f"{kind} {inner}", 0)
                if kind in {"exists", "forall"}
                else (
                    f"{kind}({inner})",
                    _ATOM,
                )
            )


def _number(above: int, below: int) -> tuple[str, int]:
    if below == 1:
        return str(above), _ATOM
    twos = below
    for prime in (2, 5):
        while twos % prime == 0:
            twos //= prime
    if twos != 1:
        return f"{above} / {below}", _STRENGTH["/"]
    digits = next(k for k in range(1, 1000) if 10**k % below == 0)
    text = str(above * (10**digits // below)).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}", _ATOM
