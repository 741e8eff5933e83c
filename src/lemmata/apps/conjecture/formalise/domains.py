"""A noun phrase with its domain, and the spec that domains and a claim make."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from lemmata.apps.conjecture.language.spec import Sort, Spec, Variable, make
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Name,
    Negate,
    Node,
    Number,
    Operate,
    conjunction,
    conjuncts,
)


@dataclass(slots=True)
class Things:
    """A noun phrase: the variables it names, and what it says of them."""

    names: list[str]
    sort: Sort = "integer"
    low: Fraction | None = None
    high: Fraction | None = None
    guards: list[Node] = field(default_factory=list)
    custom: bool = False
    """Whether `low` goes by custom (`even numbers`): a lower end that is said replaces it."""
    value: Node | None = None
    """For `Fermat numbers`: what the phrase stands for, in terms of its variable."""

    @property
    def subject(self) -> Node:
        return self.value if self.value is not None else Name(self.names[0])

    @property
    def variables(self) -> tuple[Variable, ...]:
        plain = tuple(Variable(name, self.sort, None, self.high) for name in self.names)
        guards = [part for guard in self.guards for part in conjuncts(guard)]
        ends = [bound for guard in guards if (bound := _bound(guard, plain)) is not None]
        said = {name for name, low, _ in ends if low is not None} if self.custom else set()
        return tuple(
            Variable(name, self.sort, None if name in said else self.low, self.high)
            for name in self.names
        )


def spec(things: list[Things], claim: Node, statement: str) -> Spec:
    """The spec of these domains and this claim, its bounds taken out of the guard."""
    variables = tuple(variable for each in things for variable in each.variables)
    guards = tuple(part for each in things for guard in each.guards for part in conjuncts(guard))
    variables, guards = narrowed(variables, guards)
    return make(variables, conjunction(guards), claim, statement)


def narrowed(
    variables: tuple[Variable, ...], guards: tuple[Node, ...]
) -> tuple[tuple[Variable, ...], tuple[Node, ...]]:
    """Comparisons of a variable with a number become the ends of its range."""
    left: list[Node] = []
    for guard in guards:
        bound = _bound(guard, variables)
        if bound is None:
            left.append(guard)
            continue
        name, low, high = bound
        variables = tuple(_within(v, low, high) if v.name == name else v for v in variables)
    variables = tuple(_from_function(v, left) for v in variables)
    return variables, tuple(dict.fromkeys(left))


def _bound(
    guard: Node, variables: tuple[Variable, ...]
) -> tuple[str, Fraction | None, Fraction | None] | None:
    if not isinstance(guard, Compare) or guard.op in {"=", "!="}:
        return None
    sides, op = (guard.left, guard.right), str(guard.op)
    if constant(sides[0]) is not None:
        sides, op = (sides[1], sides[0]), {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
    name, value = sides[0], constant(sides[1])
    named = {variable.name: variable for variable in variables}
    if not isinstance(name, Name) or value is None or name.name not in named:
        return None
    variable = named[name.name]
    if variable.sort == "graph":
        return None
    if variable.sort == "integer":
        return _whole_bound(name.name, op, value)
    if op in {"<", ">"}:
        return None  # an open end of reals stays a guard
    return (name.name, value, None) if op == ">=" else (name.name, None, value)


def _whole_bound(
    name: str, op: str, value: Fraction
) -> tuple[str, Fraction | None, Fraction | None]:
    up, down = Fraction(-(-value // 1)), Fraction(value // 1)
    match op:
        case ">":
            return name, down + 1, None
        case ">=":
            return name, up, None
        case "<":
            return name, None, up - 1
        case _:
            return name, None, down


def constant(node: Node) -> Fraction | None:
    """The value of a literal, with its sign."""
    match node:
        case Number(value):
            return value
        case Negate(operand):
            inner = constant(operand)
            return None if inner is None else -inner
        case Operate("/", left, right):
            above, below = constant(left), constant(right)
            return above / below if above is not None and below else None
    return None


def _within(variable: Variable, low: Fraction | None, high: Fraction | None) -> Variable:
    lows = [end for end in (variable.low, low) if end is not None]
    highs = [end for end in (variable.high, high) if end is not None]
    return Variable(
        variable.name,
        variable.sort,
        max(lows) if lows else None,
        min(highs) if highs else None,
    )


def _from_function(variable: Variable, guards: list[Node]) -> Variable:
    """A prime is at least 2, whether or not it was said: the search need not start lower."""
    if variable.sort != "integer":
        return variable
    for guard in guards:
        if guard in (
            Call("prime", (Name(variable.name),)),
            Call("composite", (Name(variable.name),)),
        ):
            return _within(variable, Fraction(2), None)
    return variable
