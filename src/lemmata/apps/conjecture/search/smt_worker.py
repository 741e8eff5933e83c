"""The process that asks Z3: a spec as JSON on stdin, the answer as JSON on stdout."""

from __future__ import annotations

import functools
import json
import sys
from typing import Any

import z3

from lemmata.apps.conjecture.language.spec import Spec, from_json
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

Values = dict[str, Any]


def main() -> None:
    request = json.load(sys.stdin)
    spec = from_json(request["spec"])
    answer: dict[str, Any] = {"status": "unknown"}
    whole = all(variable.sort == "real" for variable in spec.variables) or spec.finite
    # Unbounded integers first without a box, then with one: a box makes many questions decidable.
    for box in (None,) if whole else (None, int(request["box"])):
        answer = ask(spec, box, float(request["seconds"]) / (1 if whole else 2))
        if answer["status"] != "unknown":
            break
    json.dump({**answer, "version": z3.get_version_string()}, sys.stdout)


def ask(spec: Spec, box: int | None, seconds: float) -> dict[str, Any]:
    """Is there a point of the domain (within the box) where the guard holds and the claim fails?"""
    solver = z3.Solver()
    solver.set("timeout", int(1000 * seconds))
    values: Values = {}
    for variable in spec.variables:
        symbol = (z3.Int if variable.sort == "integer" else z3.Real)(variable.name)
        values[variable.name] = symbol
        if variable.low is not None:
            solver.add(symbol >= _number(variable.low))
        if variable.high is not None:
            solver.add(symbol <= _number(variable.high))
        if box is not None and variable.sort == "integer":
            solver.add(symbol >= -box, symbol <= box)
    translator = Translator()
    if spec.guard is not None:
        guard = translator.term(spec.guard, values)
        solver.add(*translator.defined, guard)
    translator.defined.clear()
    claim = translator.term(spec.claim, values)
    # Where the claim is undefined it does not fail; Z3 would let a division by zero be anything.
    solver.add(*translator.defined, z3.Not(claim))
    status = str(solver.check())
    if status != "sat":
        return {"status": status, "box": box}
    model = solver.model()
    found = [model.eval(values[v.name], model_completion=True) for v in spec.variables]
    return {"status": status, "box": box, "model": [_text(value) for value in found]}


def _text(value: Any) -> str:
    if z3.is_algebraic_value(value):
        value = value.approx(30)
    return str(value.as_fraction()) if z3.is_rational_value(value) else str(value.as_long())


def _number(value: Any) -> Any:
    return z3.IntVal(value.numerator) if value.denominator == 1 else z3.RealVal(str(value))


class Translator:
    """From our trees to Z3's; `defined` gathers what must hold for the term to have a value."""

    def __init__(self) -> None:
        self.defined: list[Any] = []

    def term(self, node: Node, values: Values) -> Any:
        match node:
            case Number(value):
                return _number(value)
            case Name(name):
                return values[name]
            case Negate(operand):
                return -self.term(operand, values)
            case Not(operand):
                return z3.Not(self.term(operand, values))
            case Compare(op, left, right):
                return _RELATIONS[op](self.term(left, values), self.term(right, values))
            case Connect(op, left, right):
                return _CONNECTIVES[op](self.term(left, values), self.term(right, values))
            case Operate():
                return self._operate(node, values)
            case Call(function, arguments):
                return _CALLS[function](*(self.term(part, values) for part in arguments))
            case Bind():
                return self._bind(node, values)

    def _operate(self, node: Operate, values: Values) -> Any:
        left, right = self.term(node.left, values), self.term(node.right, values)
        if node.op == "^":
            assert isinstance(node.right, Number)
            power = int(node.right.value)
            return functools.reduce(lambda a, b: a * b, [left] * power, z3.IntVal(1))
        if node.op == "/":
            left, right = _real(left), _real(right)
            self.defined.append(right != 0)
            return left / right
        return _ARITHMETIC[node.op](left, right)

    def _bind(self, node: Bind, values: Values) -> Any:
        low, high = (self.term(end, {}).as_long() for end in (node.low, node.high))
        parts = [
            self.term(node.body, {**values, node.name: z3.IntVal(k)}) for k in range(low, high + 1)
        ]
        return _GATHER[node.kind](parts)


def _real(term: Any) -> Any:
    return z3.ToReal(term) if z3.is_int(term) else term


def _least(a: Any, b: Any) -> Any:
    return z3.If(a <= b, a, b)


def _greatest(a: Any, b: Any) -> Any:
    return z3.If(a >= b, a, b)


_RELATIONS: dict[str, Any] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_CONNECTIVES: dict[str, Any] = {
    "and": z3.And, "or": z3.Or, "->": z3.Implies, "<->": lambda a, b: a == b,
}  # fmt: skip
_ARITHMETIC: dict[str, Any] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "//": lambda a, b: a / b, "mod": lambda a, b: a % b,  # Euclid's, and the divisor is positive
}  # fmt: skip
_CALLS: dict[str, Any] = {
    "abs": lambda a: z3.If(a >= 0, a, -a),
    "min": lambda *all_: functools.reduce(_least, all_),
    "max": lambda *all_: functools.reduce(_greatest, all_),
    "even": lambda a: a % 2 == 0, "odd": lambda a: a % 2 == 1,
    "divides": lambda a, b: b % a == 0,
}  # fmt: skip
_GATHER: dict[str, Any] = {
    "exists": z3.Or, "forall": z3.And,
    "sum": lambda parts: functools.reduce(lambda a, b: a + b, parts, z3.IntVal(0)),
    "product": lambda parts: functools.reduce(lambda a, b: a * b, parts, z3.IntVal(1)),
    "count": lambda parts: z3.Sum([z3.If(part, 1, 0) for part in parts]),
    "min": lambda parts: functools.reduce(_least, parts),
    "max": lambda parts: functools.reduce(_greatest, parts),
}  # fmt: skip


if __name__ == "__main__":
    main()
