"""What both languages build: a noun phrase with its domain, and the pieces of claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from lemmata.apps.conjecture.formalise.formula import ONE, TWO, NotAFormula, number, read
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import Sort, Spec, Variable, make
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Operate,
    conjunction,
    conjuncts,
    free_names,
    walk,
)
from lemmata.errors import BadInput


class NotUnderstood(BadInput):
    """These words are beyond the templates. Says which."""


@dataclass(slots=True)
class Things:
    """A noun phrase: the variables it names, and what it says of them."""

    names: list[str]
    sort: Sort = "integer"
    low: Fraction | None = None
    high: Fraction | None = None
    guards: list[Node] = field(default_factory=list)
    value: Node | None = None
    """For `Fermat numbers`: what the phrase stands for, in terms of its variable."""

    @property
    def subject(self) -> Node:
        return self.value if self.value is not None else Name(self.names[0])

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(Variable(name, self.sort, self.low, self.high) for name in self.names)


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


# Claims that need more than one node; `fresh` gives unused names.


class Names:
    """The variables in scope, and unused ones for binders."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def fresh(self, wanted: str) -> str:
        """The wanted letter, or another that is free."""
        letters: list[str] = [wanted, *"abcdkmpqrstuvwxyz"]
        for letter in letters:
            if letter not in self.taken:
                self.taken.add(letter)
                return letter
        raise NotUnderstood("too many variables")

    def assumed(self, letters: list[str]) -> Things:
        """Letters that nobody introduced: n and its like are positive integers by custom, of x or
        a no one can know."""
        unclear = [letter for letter in letters if letter not in "ijklmnpq"]
        if unclear or not letters:
            who = ", ".join(unclear) or "the variable"
            raise NotUnderstood(f"it is not said what {who} is", "Say: for all real numbers x, …")
        self.taken.update(letters)
        return Things(letters, low=Fraction(1))

    @property
    def frozen(self) -> frozenset[str]:
        return frozenset(self.taken)


def formula(text: str, names: Names) -> Node:
    """The text as a formula over the names. Raises NotUnderstood."""
    try:
        node = read(text, names.frozen)
    except NotAFormula as fault:
        raise NotUnderstood(f"{text.strip()[:80]!r} is not understood", str(fault)) from None
    unknown = free_names(node) - names.frozen
    if unknown:
        raise NotUnderstood(f"{min(unknown)!r} is not a variable of the statement")
    known(node)
    return node


def known(node: Node) -> None:
    """Raises NotUnderstood if a function that the language lacks is called."""
    for each in walk(node):
        if isinstance(each, Call) and each.function not in FUNCTIONS:
            raise NotUnderstood(f"there is no function {each.function!r}")


KINDS: dict[str, Callable[[Node], Node]] = {
    "prime": lambda x: Call("prime", (x,)),
    "square": lambda x: Call("square", (x,)),
    "cube": lambda x: Call("cube", (x,)),
    "triangular": lambda x: Call("triangular", (x,)),
    "power of two": lambda x: Call("power_of_two", (x,)),
    "palindrome": lambda x: Call("palindrome", (x,)),
}
"""What a number can be the sum of."""


def sum_of_two(subject: Node, one: str, two: str, names: Names) -> Node:
    """`subject` is the sum of a `one` and a `two`: there is a part p with subject - p the other."""
    part = names.fresh("p" if one == "prime" else "k")
    if one != "prime" and two == "prime":
        one, two = two, one
    low: Node = {"prime": TWO, "power of two": ONE, "palindrome": ONE}.get(one, number(0))
    rest = Operate("-", subject, Name(part))
    body = conjunction((KINDS[one](Name(part)), KINDS[two](rest)))
    assert body is not None
    return Bind("exists", part, low, subject, body)


def sum_of_powers(subject: Node, many: int, power: int, names: Names) -> Node:
    """`subject` is the sum of `many` non-negative powers: bases bounded by their root."""
    bases = [names.fresh(letter) for letter in "abcdefghij"[: many - 1]]
    rest = subject
    for base in bases:
        rest = Operate("-", rest, Operate("^", Name(base), number(power)))
    zero = Compare(">=", rest, number(0))
    last = Call("square" if power == 2 else "cube", (rest,))
    body: Node = last if power == 2 else conjunction((zero, last)) or last
    for base in reversed(bases):
        high = Call("isqrt", (subject,)) if power == 2 else subject
        body = Bind("exists", base, number(0), high, body)
    return body


def sum_of_triangular(subject: Node, many: int, names: Names) -> Node:
    """`subject` is the sum of `many` triangular numbers k(k+1)/2, 0 among them."""
    bases = [names.fresh(letter) for letter in "abcdefghij"[: many - 1]]
    rest = subject
    for base in bases:
        k = Name(base)
        rest = Operate("-", rest, Operate("//", Operate("*", k, Operate("+", k, ONE)), TWO))
    body: Node = Call("triangular", (rest,))
    high = Call("isqrt", (Operate("*", TWO, subject),))
    for base in reversed(bases):
        body = Bind("exists", base, number(0), high, body)
    return body


def prime_and_twice_square(subject: Node, names: Names) -> Node:
    """`subject` is a prime and twice a square, 0 among them."""
    base = names.fresh("k")
    twice = Operate("*", TWO, Operate("^", Name(base), TWO))
    high = Call("isqrt", (Operate("//", subject, TWO),))
    return Bind("exists", base, number(0), high, Call("prime", (Operate("-", subject, twice),)))


def prime_and_power_of_two(subject: Node, names: Names) -> Node:
    """`subject` is a prime and a power of two, 1 among them: exponents up to 62."""
    part = names.fresh("p")
    rest = Operate("-", subject, Name(part))
    body = conjunction((Call("prime", (Name(part),)), Call("power_of_two", (rest,))))
    assert body is not None
    return Bind("exists", part, TWO, Operate("-", subject, ONE), body)


def exists_between(function: str, low: Node, high: Node, names: Names) -> Node:
    """There is an integer strictly between the ends of which the function is true."""
    name = names.fresh("p" if function == "prime" else "k")
    return Bind("exists", name, _after(low, 1), _after(high, -1), Call(function, (Name(name),)))


def _after(node: Node, step: int) -> Node:
    value = constant(node)
    if value is not None:
        return number(int(value) + step)
    return Operate("+" if step > 0 else "-", node, ONE)


def denied(node: Node) -> Node:
    """Not the node; comparisons are turned round, double denials go."""
    match node:
        case Not(operand):
            return operand
        case Compare(op, left, right):
            return Compare(_OPPOSITE[op], left, right)  # type: ignore[arg-type]
        case _:
            return Not(node)


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def tidy(text: str) -> str:
    """One space between words."""
    return " ".join(text.split())
