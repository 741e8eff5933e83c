"""A spec over many points at once. What it calls sure is sure; exact evaluators do the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lemmata.apps.conjecture.kernels import vectors as v
from lemmata.apps.conjecture.kernels.arithmetic import DERIVED, Arithmetic, derived
from lemmata.apps.conjecture.kernels.binders import Binders
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Reals, Truths, Value
from lemmata.apps.conjecture.language.check import Scope
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

Rows = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Slack:
    """How far each row is from failing. `gap`: what the inequality has to spare, negative where it
    fails; `witness`: the least witness of the claim's `exists`, -1 for none."""

    kind: Literal["gap", "witness"]
    values: Array


class Vector:
    """Evaluates the nodes of one spec. Give it rows whose integers `bounds.prove` has accepted."""

    def __init__(self, scope: Scope, clock: Clock) -> None:
        self._clock = clock
        self._scope = dict(scope)
        self.arithmetic = Arithmetic(clock)
        self.binders = Binders(self.value, clock)

    @property
    def state(self) -> dict[str, Any]:
        """What later blocks rely on, as JSON; `restore` takes it back."""
        return {"arithmetic": self.arithmetic.state, "sums": self.binders.state}

    def restore(self, state: dict[str, Any]) -> None:
        self.arithmetic.restore(state["arithmetic"])
        self.binders.restore(state["sums"])

    def truths(self, node: Node, rows: Rows, count: int) -> Truths:
        """The truth of the node in each of `count` rows; shape (count,)."""
        found = self.value(node, rows)
        assert isinstance(found, Truths)
        return _spread(found, count)

    def claim(self, node: Node, rows: Rows, count: int) -> tuple[Truths, Slack | None]:
        """The truth of the claim, with its slack where it compares or asks for a witness."""
        if isinstance(node, Compare) and node.op in _MARGIN:
            left, right = self.value(node.left, rows), self.value(node.right, rows)
            found = v.compare(node.op, left, right)
            x, y = v.real(left), v.real(right)
            with np.errstate(all="ignore"):
                gap = _MARGIN[node.op] * ((y.low + y.high) - (x.low + x.high)) / 2
            return _spread(found, count), Slack("gap", np.broadcast_to(gap, (count,)))
        truths = self.truths(node, rows, count)
        if isinstance(node, Bind) and node.kind == "exists":
            found_at = self.binders.witnesses
            if found_at is not None and found_at.shape == (count,):
                return truths, Slack("witness", found_at.astype(np.float64))
        return truths, None

    def value(self, node: Node, rows: Rows) -> Value:  # noqa: C901 - one case a kind of node
        match node:
            case Number(number) if number.denominator == 1:
                return v.integer(number.numerator)
            case Number(number):
                near = np.asarray(number.numerator / number.denominator)
                return Reals(v.down(near), v.up(near))
            case Name(name):
                return rows[name]
            case Negate(operand):
                inner = self.value(operand, rows)
                return (
                    Ints(-inner.values, inner.bad)
                    if isinstance(inner, Ints)
                    else v.negative(v.real(inner))
                )
            case Not(operand):
                return v.deny(self._truth(operand, rows))
            case Operate():
                with np.errstate(all="ignore"):
                    return self._operate(node, rows)
            case Connect():
                return self._connect(node, rows)
            case Compare(op, left, right):
                return v.compare(op, self.value(left, rows), self.value(right, rows))
            case Call():
                with np.errstate(all="ignore"):
                    return self._call(node, rows)
            case Bind():
                return self.binders.value(node, rows)

    def _truth(self, node: Node, rows: Rows) -> Truths:
        found = self.value(node, rows)
        assert isinstance(found, Truths)
        return found

    def _connect(self, node: Connect, rows: Rows) -> Truths:
        left = self._truth(node.left, rows)
        if node.op == "and" and not left.maybe.any():
            return left
        right = self._truth(node.right, rows)
        match node.op:
            case "and":
                return v.both(left, right)
            case "or":
                return v.one_of(left, right)
            case "->":
                return v.one_of(v.deny(left), right)
            case "<->":
                same = v.both(left, right)
                return v.one_of(same, v.both(v.deny(left), v.deny(right)))

    def _operate(self, node: Operate, rows: Rows) -> Value:
        left, right = self.value(node.left, rows), self.value(node.right, rows)
        if isinstance(left, Ints) and isinstance(right, Ints) and node.op != "/":
            return _INTEGER[node.op](left, right)
        if node.op == "^":
            assert isinstance(right, Ints)
            return v.power(v.real(left), right)
        return _REAL[node.op](v.real(left), v.real(right))

    def _call(self, node: Call, rows: Rows) -> Value:
        inputs = [self.value(argument, rows) for argument in node.arguments]
        if all(isinstance(each, Ints) for each in inputs) and node.function not in _OF_REALS:
            whole = tuple(each for each in inputs if isinstance(each, Ints))
            if node.function in DERIVED:
                return derived(self.arithmetic, node.function, whole[0])
            return self.arithmetic.call(node.function, whole)
        return _real_call(node.function, [v.real(each) for each in inputs])


_MARGIN = {"<": 1, "<=": 1, ">": -1, ">=": -1}


def _spread(found: Truths, count: int) -> Truths:
    shape = (count,)
    return Truths(np.broadcast_to(found.sure, shape), np.broadcast_to(found.maybe, shape))


def _undefined_where(values: Array, wrong: Array, a: Ints, b: Ints) -> Ints:
    return Ints(values, v.either(v.either(a.bad, b.bad), v.marked(np.asarray(wrong))))


def _floor_divide(a: Ints, b: Ints) -> Ints:
    zero = b.values == 0
    return _undefined_where(a.values // np.where(zero, 1, b.values), zero, a, b)


def _mod(a: Ints, b: Ints) -> Ints:
    zero = b.values == 0
    return _undefined_where(a.values % np.where(zero, 1, b.values), zero, a, b)


def _power(a: Ints, b: Ints) -> Ints:
    negative = b.values < 0
    return _undefined_where(a.values ** np.where(negative, 0, b.values), negative, a, b)


def _simple(operation: Callable[[Array, Array], Array]) -> Callable[[Ints, Ints], Ints]:
    return lambda a, b: Ints(operation(a.values, b.values), v.either(a.bad, b.bad))


_INTEGER: dict[str, Callable[[Ints, Ints], Ints]] = {
    "+": _simple(np.add), "-": _simple(np.subtract), "*": _simple(np.multiply),
    "//": _floor_divide, "mod": _mod, "^": _power,
}  # fmt: skip
_REAL: dict[str, Callable[[Reals, Reals], Reals]] = {
    "+": v.add, "-": lambda a, b: v.add(a, v.negative(b)), "*": v.multiply, "/": v.divide,
}  # fmt: skip
_OF_REALS = frozenset({"sqrt", "log", "exp", "pi", "floor", "ceil"})


def _real_call(function: str, inputs: list[Reals]) -> Value:
    match function:
        case "pi":
            near = np.asarray(np.pi)
            return Reals(v.down(near), v.up(near))
        case "sqrt":
            return v.sqrt(inputs[0])
        case "log":
            return v.log(inputs[0])
        case "exp":
            return v.exp(inputs[0])
        case "abs":
            return v.absolute(inputs[0])
        case "floor":
            return v.floor(inputs[0])
        case "ceil":
            turned = v.floor(v.negative(inputs[0]))
            return Ints(-turned.values, turned.bad)
    gather = np.minimum if function == "min" else np.maximum
    bad = None
    for each in inputs:
        bad = v.either(bad, each.bad)
    lows = np.broadcast_arrays(*[each.low for each in inputs])
    highs = np.broadcast_arrays(*[each.high for each in inputs])
    return Reals(gather.reduce(lows), gather.reduce(highs), bad)
