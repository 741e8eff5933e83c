"""A conjecture in LaTeX, for export."""

from __future__ import annotations

from fractions import Fraction

from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import Spec, Variable, grouped
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

_RELATIONS = {"=": "=", "!=": r"\neq", "<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq"}
_CONNECTIVES = {
    "and": r"\land", "or": r"\lor", "->": r"\Rightarrow", "<->": r"\Leftrightarrow",
}  # fmt: skip
_BINDERS = {
    "exists": r"\exists\,", "forall": r"\forall\,", "sum": r"\sum", "product": r"\prod",
    "min": r"\min", "max": r"\max", "count": r"\#",
}  # fmt: skip
_LOOSE, _SUM, _PRODUCT, _POWER, _ATOM = 0, 1, 2, 3, 4


def typeset(spec: Spec) -> str:
    """The whole conjecture as one formula."""
    domain = r",\;".join(_domain(names, one) for names, one in grouped(spec.variables))
    guard = rf"\;\bigl({formula(spec.guard)}\bigr)\Rightarrow" if spec.guard is not None else ""
    return rf"\forall\,{domain}:{guard}\;{formula(spec.claim)}"


def _domain(names: list[str], variable: Variable) -> str:
    name, low, high = ", ".join(names), variable.low, variable.high
    size = name if variable.sort != "graph" else f"|V({name})|"
    below = rf"{_number(low)}\leq " if low is not None else ""
    above = rf"\leq {_number(high)}" if high is not None else ""
    span = rf",\;{below}{size}{above}" if below or above else ""
    home = {"integer": r"\in\mathbb{Z}", "real": r"\in\mathbb{R}", "graph": r"\text{ a graph}"}
    return f"{name}{home[variable.sort]}{span}"


def formula(node: Node) -> str:
    return _at(node, _LOOSE)


def _at(node: Node, least: int) -> str:
    text, strength = _set(node)
    return rf"\left({text}\right)" if strength < least else text


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _set(node: Node) -> tuple[str, int]:
    match node:
        case Number(value):
            return _number(value), _ATOM
        case Name(name):
            return name, _ATOM
        case Negate(operand):
            return f"-{_at(operand, _PRODUCT)}", _SUM
        case Not(operand):
            return rf"\lnot\left({formula(operand)}\right)", _ATOM
        case Operate():
            return _arithmetic(node)
        case Compare(op, left, right):
            return f"{_at(left, _SUM)} {_RELATIONS[op]} {_at(right, _SUM)}", _LOOSE
        case Connect(op, left, right):
            return f"{_truth(left, op)} {_CONNECTIVES[op]} {_truth(right, op)}", _LOOSE
        case Call(function, arguments):
            return _call(function, arguments), _ATOM
        case Bind():
            return _bind(node)


def _truth(node: Node, around: str) -> str:
    inner = formula(node)
    alike = isinstance(node, Connect) and node.op == around and around in {"and", "or"}
    bare = alike or not isinstance(node, Connect | Bind)
    return inner if bare else rf"\left({inner}\right)"


def _call(function: str, arguments: tuple[Node, ...]) -> str:
    parts = [formula(argument) for argument in arguments]
    if FUNCTIONS[function].variadic:
        return FUNCTIONS[function].latex.format(", ".join(parts))
    return FUNCTIONS[function].latex.format(*parts)


def _arithmetic(node: Operate) -> tuple[str, int]:
    left, right = node.left, node.right
    match node.op:
        case "+":
            return f"{_at(left, _SUM)} + {_at(right, _SUM)}", _SUM
        case "-":
            return f"{_at(left, _SUM)} - {_at(right, _PRODUCT)}", _SUM
        case "*":
            return rf"{_at(left, _PRODUCT)} \cdot {_at(right, _POWER)}", _PRODUCT
        case "/":
            return rf"\frac{{{formula(left)}}}{{{formula(right)}}}", _ATOM
        case "//":
            return rf"\left\lfloor\frac{{{formula(left)}}}{{{formula(right)}}}\right\rfloor", _ATOM
        case "mod":
            return rf"{_at(left, _PRODUCT)} \bmod {_at(right, _POWER)}", _PRODUCT
        case "^":
            return f"{_at(left, _ATOM)}^{{{formula(right)}}}", _POWER


def _bind(node: Bind) -> tuple[str, int]:
    low, high = formula(node.low), formula(node.high)
    sign = _BINDERS[node.kind]
    if node.kind in {"sum", "product"}:
        return rf"{sign}_{{{node.name}={low}}}^{{{high}}} {_at(node.body, _PRODUCT)}", _SUM
    span = rf"{low}\leq {node.name}\leq {high}"
    if node.kind in {"min", "max"}:
        return rf"{sign}_{{{span}}} {_at(node.body, _PRODUCT)}", _SUM
    if node.kind == "count":
        return rf"{sign}\left\{{{span} : {formula(node.body)}\right\}}", _ATOM
    return rf"{sign}{node.name}\;({span}):\;{formula(node.body)}", _LOOSE
