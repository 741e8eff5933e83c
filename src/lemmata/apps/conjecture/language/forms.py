"""Equal forms of a tree that are cheaper to evaluate.

Powers under `mod` are taken modulo: `(2^n - 2) mod n` must never write 2^n down. The summatory
functions L and M are sums to the kernels and functions to the exact evaluators.
"""

from __future__ import annotations

import math
from fractions import Fraction

from lemmata.apps.conjecture.language.check import Scope, rebuilt, type_of
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Name,
    Negate,
    Node,
    Number,
    Operate,
    children,
)

_ZERO = Number(Fraction(0))


def modular(node: Node) -> Node:
    """An equal tree in which powers whose residue alone counts are `powmod`.

    Sound because reduction modulo m is a ring homomorphism; only +, - and * are looked through.
    """
    below = tuple(modular(child) for child in children(node))
    node = rebuilt(node, below)
    match node:
        case Operate("mod", left, modulus) if _reducible(left):
            return Operate("mod", _residue(left, modulus), modulus)
        case Call("divides", (divisor, multiple)) if _reducible(multiple):
            return Compare("=", Operate("mod", _residue(multiple, divisor), divisor), _ZERO)
        case _:
            return node


def cleared(node: Node, scope: Scope) -> Node:
    """Comparisons of integers divided by fixed numbers, with the divisors multiplied away:
    `s = n * (n + 1) / 2` becomes `s * 2 = n * (n + 1)`, which int64 decides."""
    if isinstance(node, Bind):
        body = cleared(node.body, {**scope, node.name: "int"})
        return Bind(node.kind, node.name, node.low, node.high, body)
    node = rebuilt(node, tuple(cleared(child, scope) for child in children(node)))
    if isinstance(node, Compare):
        left, right = _divisor(node.left, scope), _divisor(node.right, scope)
        if left and right and left * right > 1:
            whole = math.lcm(left, right)
            return Compare(node.op, _times(node.left, whole), _times(node.right, whole))
    return node


def _divisor(node: Node, scope: Scope) -> int:
    """The least d known for which node * d is an integer expression; 0 for none."""
    match node:
        case Number(value):
            return value.denominator
        case Operate("/", left, Number(value)) if value > 0 and value.denominator == 1:
            return _divisor(left, scope) * value.numerator
        case Operate("+" | "-", left, right):
            return math.lcm(_divisor(left, scope), _divisor(right, scope))
        case Negate(operand):
            return _divisor(operand, scope)
        case _:
            return int(type_of(node, scope) == "int")


def _times(node: Node, factor: int) -> Node:
    """node * factor, the divisions done away with; `factor` is a multiple of its divisor."""
    match node:
        case Number(value):
            return Number(value * factor)
        case Operate("/", left, Number(value)):
            return _times(left, factor // value.numerator)
        case Operate("+" | "-" as op, left, right):
            return Operate(op, _times(left, factor), _times(right, factor))
        case Negate(operand):
            return Negate(_times(operand, factor))
        case _:
            return node if factor == 1 else Operate("*", node, Number(Fraction(factor)))


_SUMMED = {"liouville_sum": "liouville", "mertens": "mobius"}


def summed(node: Node, taken: frozenset[str]) -> Node:
    """L(n) and M(n) as sums, which the kernels continue from block to block."""
    node = rebuilt(node, tuple(summed(child, taken) for child in children(node)))
    if isinstance(node, Call) and node.function in _SUMMED:
        name = next(f"k{i}" for i in range(len(taken) + 1) if f"k{i}" not in taken)
        body = Call(_SUMMED[node.function], (Name(name),))
        return Bind("sum", name, Number(Fraction(1)), node.arguments[0], body)
    return node


def unsummed(node: Node) -> Node:
    """The same sums as L(n) and M(n), for which the definitions know a way in n^(2/3) steps."""
    node = rebuilt(node, tuple(unsummed(child) for child in children(node)))
    match node:
        case Bind("sum", name, Number(value), high, Call(term, (Name(used),))):
            for function, summand in _SUMMED.items():
                if value == 1 and used == name and term == summand:
                    return Call(function, (high,))
    return node


def _reducible(node: Node) -> bool:
    match node:
        case Operate("^", base, exponent):
            return _reducible(base) or not (isinstance(exponent, Number) and exponent.value <= 2)
        case Operate("+" | "-" | "*", left, right):
            return _reducible(left) or _reducible(right)
        case Negate(operand):
            return _reducible(operand)
        case _:
            return False


def _residue(node: Node, modulus: Node) -> Node:
    match node:
        case Operate("^", base, exponent) if _reducible(node):
            return Call("powmod", (_residue(base, modulus), exponent, modulus))
        case Operate("+" | "-" | "*" as op, left, right):
            return Operate(op, _residue(left, modulus), _residue(right, modulus))
        case Negate(operand):
            return Negate(_residue(operand, modulus))
        case _:
            return node
