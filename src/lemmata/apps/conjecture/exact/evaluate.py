"""The exact evaluator: a spec compiled to closures over a point, with fuel so that it always ends.

A judgement of a point is `holds`, `fails`, `outside` (the guard does not hold), `undefined` (a
division by zero and the like) or `out of reach` (too costly, or two reals too close to tell).
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from threading import Lock
from typing import Any, Literal

from lemmata.apps.conjecture.exact import powers, reals
from lemmata.apps.conjecture.exact.missing import OutOfReach, Undefined
from lemmata.apps.conjecture.language.check import Scope, type_of
from lemmata.apps.conjecture.language.forms import modular, unsummed
from lemmata.apps.conjecture.language.spec import Spec
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

Judgement = Literal["holds", "fails", "outside", "undefined", "out of reach"]
Point = tuple[Any, ...]
Values = dict[str, Any]
Code = Callable[[Values], Any]
Functions = Mapping[str, Callable[..., Any]]

FUEL, SECONDS = 3_000_000, 20.0
"""Turns of all binders together that one judgement may take, and how long: a turn may be dear."""
_MOST_BITS = 400_000
_one_precision = Lock()


class Evaluator:
    """Judges points of one spec with one set of functions."""

    def __init__(
        self, spec: Spec, functions: Functions, fuel: int = FUEL, seconds: float = SECONDS
    ) -> None:
        self._names = tuple(variable.name for variable in spec.variables)
        self._compiler = _Compiler(functions)
        self._fuel, self._seconds = fuel, seconds
        guard = spec.guard
        self._guard = self.compile(guard, spec.scope) if guard is not None else None
        self._claim = self.compile(spec.claim, spec.scope)

    def compile(self, node: Node, scope: Scope) -> Code:
        """The code of one node; `value` runs it."""
        return self._compiler.code(unsummed(modular(node)), dict(scope))

    def judge(self, point: Point) -> Judgement:
        """What the spec says of the point."""
        try:
            return self.run(self._judge, point)  # type: ignore[no-any-return]
        except (Undefined, ZeroDivisionError):
            return "undefined"
        except OutOfReach:
            return "out of reach"

    def value(self, code: Code, point: Point) -> Any:
        """The value of a compiled node. Raises Undefined, OutOfReach."""
        return self.run(code, point)

    def witness(self, bind: Bind, scope: Scope, point: Point) -> int | None:
        """The least value that satisfies the body of an `exists`. Raises Undefined, OutOfReach."""
        low, high = self.compile(bind.low, scope), self.compile(bind.high, scope)
        body = self.compile(bind.body, {**scope, bind.name: "int"})

        def first(values: Values) -> int | None:
            for k in range(low(values), high(values) + 1):
                self._compiler.spend(1)
                if body({**values, bind.name: k}):
                    return k
            return None

        return self.run(first, point)  # type: ignore[no-any-return]

    def run(self, code: Code, point: Point) -> Any:
        """Run with rising precision. Raises Undefined, OutOfReach."""
        bits = reals.FIRST_BITS
        self._compiler.fill(self._fuel, self._seconds)
        while bits <= reals.MOST_BITS:
            try:
                with _one_precision:
                    reals.set_precision(bits)
                    return code(dict(zip(self._names, point, strict=True)))
            except reals.Imprecise:
                bits *= 2
            except (RecursionError, MemoryError):
                raise OutOfReach from None
        raise OutOfReach

    def _judge(self, values: Values) -> Judgement:
        if self._guard is not None and not self._guard(values):
            return "outside"
        return "holds" if self._claim(values) else "fails"


def _mod(a: int, b: int) -> int:
    if b == 0:
        raise Undefined
    return a % b


def _floor_divide(a: int, b: int) -> int:
    if b == 0:
        raise Undefined
    return a // b


_INT: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": reals.divide,
    "//": _floor_divide, "mod": _mod, "^": powers.raised,
}  # fmt: skip
_REAL: dict[str, Callable[[Any, Any], Any]] = {
    "+": reals.add, "-": reals.subtract, "*": reals.multiply, "/": reals.divide,
    "^": reals.raised,
}  # fmt: skip
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_REAL_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": reals.sqrt, "log": reals.log, "exp": reals.exp, "pi": reals.pi, "abs": reals.absolute,
    "floor": reals.floor, "ceil": reals.ceil,
    "min": lambda *values: reals.least(values), "max": lambda *values: reals.greatest(values),
}  # fmt: skip


def _bounded(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise OutOfReach
    if isinstance(value, Fraction) and value.denominator.bit_length() > _MOST_BITS:
        raise OutOfReach
    return value


class _Compiler:
    def __init__(self, functions: Functions) -> None:
        self._functions = {**functions, **_REAL_FUNCTIONS}
        self._fuel, self._end = 0, 0.0

    def fill(self, fuel: int, seconds: float) -> None:
        """So many turns from now on, and so long."""
        self._fuel, self._end = fuel, time.monotonic() + seconds

    def spend(self, cost: int) -> None:
        """One turn. Raises OutOfReach when turns or time have run out."""
        self._fuel -= cost
        if self._fuel < 0 or time.monotonic() > self._end:
            raise OutOfReach

    def code(self, node: Node, scope: dict[str, Any]) -> Code:
        match node:
            case Number(value):
                constant = value.numerator if value.denominator == 1 else value
                return lambda _values: constant
            case Name(name):
                return operator.itemgetter(name)
            case Negate(operand):
                inner = self.code(operand, scope)
                return lambda values: -inner(values)
            case Not(operand):
                truth = self.code(operand, scope)
                return lambda values: not truth(values)
            case Operate() | Compare():
                return self._pair(node, scope)
            case Connect():
                return self._connective(node, scope)
            case Call(function, arguments):
                parts = tuple(self.code(argument, scope) for argument in arguments)
                return _applied(self._functions[function], parts)
            case Bind():
                return self._binder(node, scope)

    def _pair(self, node: Operate | Compare, scope: dict[str, Any]) -> Code:
        left, right = self.code(node.left, scope), self.code(node.right, scope)
        whole = type_of(node.left, scope) == type_of(node.right, scope) == "int"
        if isinstance(node, Compare):
            relation = _ORDER[node.op]
            if whole:
                return lambda values: relation(left(values), right(values))
            return lambda values: relation(reals.sign(left(values), right(values)), 0)
        whole = type_of(node.left, scope) == "int" if node.op == "^" else whole
        operation = (_INT if whole else _REAL)[node.op]
        if node.op == "*":
            return lambda values: _bounded(operation(left(values), right(values)))
        return lambda values: operation(left(values), right(values))

    def _connective(self, node: Connect, scope: dict[str, Any]) -> Code:
        left, right = self.code(node.left, scope), self.code(node.right, scope)
        match node.op:
            case "and":
                return _decided(left, right, False)
            case "or":
                return _decided(left, right, True)
            case "->":
                return _decided(lambda values: not left(values), right, True)
            case "<->":
                return lambda values: bool(left(values)) == bool(right(values))

    def _binder(self, node: Bind, scope: dict[str, Any]) -> Code:
        low, high = self.code(node.low, scope), self.code(node.high, scope)
        body = self.code(node.body, {**scope, node.name: "int"})
        name = node.name
        # Fractions and intervals cost some ten times as much as whole numbers.
        cost = 10 if type_of(node.body, {**scope, name: "int"}) == "real" else 1

        def turns(values: Values) -> Any:
            inner = dict(values)
            for inner[name] in range(low(values), high(values) + 1):
                self.spend(cost)
                yield body(inner)

        gather = _GATHER[node.kind]
        return lambda values: gather(turns(values))


def _decided(left: Code, right: Code, by: bool) -> Code:
    """`or` (by True) and `and` (by False) after Kleene: one side can decide though the other has no
    value, as in the kernels."""

    def run(values: Values) -> bool:
        try:
            if bool(left(values)) is by:
                return by
        except (Undefined, OutOfReach, reals.Imprecise):
            if bool(right(values)) is by:
                return by
            raise
        return bool(right(values))

    return run


def _applied(function: Callable[..., Any], parts: tuple[Code, ...]) -> Code:
    if len(parts) == 1:
        only = parts[0]
        return lambda values: function(only(values))
    return lambda values: function(*[part(values) for part in parts])


def _sum(terms: Any) -> Any:
    total: Any = 0
    for term in terms:
        total = _bounded(reals.slim(reals.add(total, term)))
    return total


def _product(terms: Any) -> Any:
    total: Any = 1
    for term in terms:
        total = _bounded(reals.slim(reals.multiply(total, term)))
    return total


def _least(terms: Any) -> Any:
    values = tuple(terms)
    if not values:
        raise Undefined
    return reals.least(values)


def _greatest(terms: Any) -> Any:
    return -_least(-term for term in terms)


_GATHER: dict[str, Callable[[Any], Any]] = {
    "exists": any, "forall": all, "sum": _sum, "product": _product,
    "count": lambda terms: sum(1 for term in terms if term), "min": _least, "max": _greatest,
}  # fmt: skip
