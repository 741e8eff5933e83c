"""What a derivation has established so far: values of names, functions, equations, numbers seen."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction

from lemmata.verify import arithmetic, exact, normalform
from lemmata.verify.arithmetic import FAILS, HOLDS, UNKNOWN
from lemmata.verify.expression import Node, add, mul, neg, num, sym, symbols
from lemmata.verify.formulas import FUNCTION_NAMES

_INDEXED = re.compile(r"[A-Za-z]_[k-n]")
FOREVER = 1 << 60
EQUATIONS = 40
"""Equations that are remembered, the latest first."""
NUMBERS = 24
"""Numbers from which a value may be one operation away."""


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sides, the text, and the last step that it is held to: the next for one that a case set
    up, its own for one on names that a case has set."""

    left: Node
    right: Node
    text: str
    until: int

    def names(self) -> set[str]:
        return symbols(self.left) | symbols(self.right)


@dataclass
class Memory:
    """Grows step by step; `forget` on "let x be …" starts a name afresh."""

    values: dict[str, Node] = field(default_factory=dict)
    functions: dict[str, tuple[str, Node]] = field(default_factory=dict)
    sequences: dict[str, tuple[str, Node, str]] = field(default_factory=dict)
    """Of a_n = 2n + 1 under a: the index, the formula, the text."""
    applied: set[str] = field(default_factory=set)
    """Names that were applied to a number (T(3) = 6): functions, although nobody said which."""
    equations: deque[Equation] = field(default_factory=lambda: deque(maxlen=EQUATIONS))
    assumed: set[str] = field(default_factory=set)
    """Names whose values a case or an example set: they refute nothing later."""
    step: int = 0
    signs_redefined: bool = False
    """The text gave * a meaning of its own."""
    known: set[Fraction] = field(default_factory=set)
    given: set[Fraction] = field(default_factory=set)
    """Numbers of the problem that no checked step has had yet: to state one proves nothing."""
    recent: deque[Fraction] = field(default_factory=lambda: deque(maxlen=NUMBERS))

    def forget(self, name: str) -> None:
        self.values = {
            known: value
            for known, value in self.values.items()
            if known != name and not known.startswith(f"{name}(")
        }
        self.functions.pop(name, None)
        self.sequences.pop(name, None)
        kept = [equation for equation in self.equations if name not in equation.names()]
        self.equations = deque(kept, maxlen=EQUATIONS)

    def bind(self, name: str, value: Node, firm: bool) -> None:
        self.values[name] = value
        (self.assumed.discard if firm else self.assumed.add)(name)

    def remember(self, left: Node, right: Node, text: str, firm: bool = True) -> None:
        until = FOREVER if firm else self.step + 1
        if (symbols(left) | symbols(right)) & self.assumed:
            until = self.step
        self.equations.append(Equation(left, right, text, until))

    def learn(self, value: Fraction) -> None:
        self.known.add(value)
        if value not in self.recent:
            self.recent.append(value)

    def substitute(self, node: Node) -> Node:
        """The node with known names replaced by their values."""
        if node.head == "sym":
            return self.values.get(node.value, node)
        return Node(node.head, tuple(map(self.substitute, node.args)), node.value)

    def resolve(self, node: Node) -> Node:
        """What each applied name means here: the function that was defined, a name of its own such
        as T(3), or a factor before a bracket. Where none of these is certain it stays `applied`,
        and what stays so is not checked."""
        node = Node(node.head, tuple(map(self.resolve, node.args)), node.value)
        if node.head != "applied":
            return node
        function, argument = node.args
        if function.head != "sym":
            return node
        if function.value in self.functions and not _parts(argument)[1:]:
            parameter, body = self.functions[function.value]
            return replace(body, parameter, argument)
        written = self._written(argument)
        if written:
            number = not symbols(argument)
            if function.value in self.values:
                return node
            if number:
                self.applied.add(function.value)
            if number or function.value in FUNCTION_NAMES:
                return sym(f"{function.value}({written})")
        if function.value in FUNCTION_NAMES or function.value in self.applied:
            return node
        return mul(function, argument) if not _parts(argument)[1:] else node

    def _written(self, argument: Node) -> str:
        """A list of numbers and names, as text; empty for anything longer."""
        texts = []
        for part in _parts(argument):
            value = arithmetic.constant(self.substitute(part))
            if value is None and part.head != "sym":
                return ""
            texts.append(part.value if value is None else str(value))
        return ",".join(texts)

    def define_function(self, left: Node, right: Node) -> bool:
        """f(x) = … where x is a name of its own."""
        if left.head != "applied" or any(arg.head != "sym" for arg in left.args):
            return False
        function, parameter = (arg.value for arg in left.args)
        if parameter not in symbols(right) or any(part.head == "applied" for part in right.walk()):
            return False
        self.functions[function] = (parameter, right)
        return True

    def define_sequence(self, left: Node, right: Node, text: str) -> None:
        """a_n = 2n + 1: a formula for each term."""
        if left.head != "sym" or not _INDEXED.fullmatch(left.value):
            return
        stem, index = left.value.split("_")
        self.sequences.pop(stem, None)
        if symbols(right) == {index}:
            self.sequences[stem] = (index, right, text)

    def term(self, name: str, value: Node) -> tuple[str, str]:
        """Whether a value of a_5 agrees with the formula of a_n. First terms may be exceptions."""
        stem, _, index = name.partition("_")
        if stem not in self.sequences or not index.isdigit() or not 2 <= int(index) < 10**6:
            return UNKNOWN, ""
        letter, body, text = self.sequences[stem]
        found = arithmetic.holds(replace(body, letter, num(int(index))), "=", value, rounding=False)
        return found, text

    def contradiction(self, name: str, value: Node) -> tuple[str, str]:
        """Whether the known equations in `name` alone hold at `value`: a state and the equation."""
        state = UNKNOWN
        self.values.pop(name, None)
        for equation in self.equations:
            if name not in equation.names() or equation.until < self.step:
                continue
            if equation.names() & self.assumed - {name}:
                continue
            sides = (equation.left, equation.right)
            left, right = (replace(self.substitute(side), name, value) for side in sides)
            if symbols(left) or symbols(right):
                continue
            found = arithmetic.holds(left, "=", right, rounding=False)
            if found == FAILS:
                return FAILS, equation.text
            state = HOLDS if found == HOLDS else state
        return state, ""

    def solution(self, name: str) -> tuple[Fraction, str] | None:
        """What the latest linear equation in `name` alone says."""
        for equation in reversed(self.equations):
            if equation.names() == {name} and equation.until >= self.step:
                value = solve(equation.left, equation.right, name)
                return None if value is None else (value, equation.text)
        return None

    def reachable(self, value: Fraction) -> bool:
        """Known already, or one operation away from what is known."""
        if value in self.known or value in (0, 1):
            return True
        numbers = [Fraction(n) for n in (2, 10, 60, 100)] + list(self.recent)
        return any(_one_operation(a, b, value) for a in numbers for b in numbers)


def _parts(argument: Node) -> tuple[Node, ...]:
    return argument.args if argument.head == "tuple" else (argument,)


def _one_operation(a: Fraction, b: Fraction, value: Fraction) -> bool:
    if value in (a + b, a - b, a * b) or (b and value == a / b) or value == a * b / 100:
        return True
    return b.denominator == 1 and 2 <= b <= 12 and abs(a) < 10**6 and value == a ** int(b)


def replace(node: Node, name: str, value: Node) -> Node:
    if node.head == "sym":
        return value if node.value == name else node
    return Node(node.head, tuple(replace(arg, name, value) for arg in node.args), node.value)


def solve(left: Node, right: Node, name: str) -> Fraction | None:
    """The one solution of a linear equation with rational coefficients."""
    try:
        difference = normalform.of(add(left, neg(right)))
    except (exact.TooCostly, exact.NotExact):
        return None
    terms = dict(difference.top)
    constant = terms.pop((), Fraction(0))
    if difference.bottom is not exact.ONE or list(terms) != [((name, 1),)]:
        return None
    return -constant / terms[((name, 1),)]
