"""From a tree to its normal form."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from lemmata.verify import counting, trigonometry
from lemmata.verify.exact import Monomial, NotExact, Quotient, atom, rational
from lemmata.verify.expression import Node
from lemmata.verify.powers import absolute, logarithm, power

_PI: Monomial = (("pi", 1),)


def of(node: Node) -> Quotient:
    """The normal form. Raises TooCostly and NotExact."""
    head, args = node.head, node.args
    if head == "num":
        return rational(node.value)
    if head == "sym":
        return atom(node.value)
    if head == "const":
        return _constant(node.value)
    if head == "add":
        return reduce(lambda a, b: a + b, map(of, args))
    if head == "mul":
        return reduce(lambda a, b: a * b, map(of, args))
    rule = _RULES.get(head)
    if rule is None:
        raise NotExact(head)
    return rule(node)


def _constant(name: str) -> Quotient:
    if name == "deg":
        return Quotient({_PI: Fraction(1, 180)})
    if name in ("pi", "e", "i"):
        return atom(name)
    raise NotExact(name)


def _log_call(node: Node) -> Quotient:
    value, base = node.args
    top = logarithm(of(value))
    if base.head == "const" and base.value == "logbase":
        return top / atom("ln:base")
    return top / logarithm(of(base))


def _hyperbolic(name: str, value: Quotient) -> Quotient:
    up, down = power(atom("e"), value), power(atom("e"), -value)
    sine, cosine_ = up - down, up + down
    half = rational(Fraction(1, 2))
    return {"sinh": half * sine, "cosh": half * cosine_}.get(name) or sine / cosine_


def _determinant(matrix: Node) -> Quotient:
    rows = [[of(cell) for cell in row.args] for row in matrix.args]
    if len(rows) != len(rows[0]) or len(rows) > 5:
        raise NotExact("determinant")
    return _minor(rows)


def _minor(rows: list[list[Quotient]]) -> Quotient:
    if len(rows) == 1:
        return rows[0][0]
    total = rational(0)
    for column, value in enumerate(rows[0]):
        rest = [row[:column] + row[column + 1 :] for row in rows[1:]]
        total = total + (-value if column % 2 else value) * _minor(rest)
    return total


def _call(node: Node) -> Quotient:
    name = node.value
    if name == "log":
        return _log_call(node)
    if name == "det" and node.args[0].head == "matrix":
        return _determinant(node.args[0])
    values = [of(arg) for arg in node.args]
    if name in ("gcd", "lcm", "max", "min", "mod"):
        if name == "mod" and len(values) != 2:
            raise NotExact(name)
        return counting.of_integers(name, values)
    if name in ("binom", "perm"):
        return counting.choose(values[0], values[1], name == "perm")
    if len(values) != 1:
        raise NotExact(name)
    return _one_argument(name, values[0])


def _one_argument(name: str, value: Quotient) -> Quotient:
    if name in ("sin", "cos", *trigonometry.FROM_SINE):
        return trigonometry.trigonometric(name, value)
    if name in ("arcsin", "arccos", "arctan", "arccot"):
        return trigonometry.inverse(name, value)
    if name in ("sinh", "cosh", "tanh"):
        return _hyperbolic(name, value)
    if name == "abs":
        return absolute(value)
    if name in ("floor", "ceil"):
        return counting.rounded(name, value)
    if name == "fact2":
        return counting.double_factorial(value)
    return atom(f"{name}:{value.key()}")


_RULES: dict[str, Callable[[Node], Quotient]] = {
    "neg": lambda n: -of(n.args[0]),
    "div": lambda n: of(n.args[0]) / of(n.args[1]),
    "pow": lambda n: power(of(n.args[0]), of(n.args[1])),
    "root": lambda n: power(of(n.args[0]), rational(1) / of(n.args[1])),
    "fact": lambda n: counting.factorial_of(of(n.args[0])),
    "percent": lambda n: of(n.args[0]) / rational(100),
    "call": _call,
}
