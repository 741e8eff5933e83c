"""Equal forms of a tree that are cheaper to evaluate.

Powers under `mod` are taken modulo: `(2^n - 2) mod n` must never write 2^n down. The summatory
functions L and M are sums to the kernels and functions to the exact evaluators.
"""

from __future__ import annotations

from fractions import Fraction

from lemmata.apps.conjecture.language.check import rebuilt
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
