"""Claims that need more than one node: sums of two kinds, of powers, and what lies between."""

from __future__ import annotations

from collections.abc import Callable

from lemmata.apps.conjecture.formalise.domains import constant
from lemmata.apps.conjecture.formalise.numbers import ONE, TWO, number
from lemmata.apps.conjecture.formalise.parts import Names
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Name,
    Node,
    Number,
    Operate,
    conjunction,
)

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


def sum_of_three_primes(subject: Node, names: Names) -> Node:
    """`subject` is a prime and a sum of two primes."""
    part = Name(names.fresh("p"))
    two = sum_of_two(Operate("-", subject, part), "prime", "prime", names)
    body = conjunction((Call("prime", (part,)), two))
    assert body is not None
    return Bind("exists", part.name, TWO, subject, body)


def sum_of_two_alike(subject: Node, kinds: tuple[str, ...], names: Names) -> Node:
    """`subject` is the sum of two numbers that are both of all these kinds."""
    part = names.fresh("p" if "prime" in kinds else "k")
    both = (Name(part), Operate("-", subject, Name(part)))
    body = conjunction(tuple(Call(kind, (each,)) for each in both for kind in kinds))
    assert body is not None
    return Bind("exists", part, TWO, subject, body)


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
    return Bind("exists", name, after(low, 1), after(high, -1), Call(function, (Name(name),)))


def after(node: Node, step: int) -> Node:
    """The value and the step; a literal is added up."""
    value = constant(node)
    if value is not None:
        return number(int(value) + step)
    match node:
        case Operate("+" | "-" as op, left, Number(value)) if value.denominator == 1:
            step += int(value) if op == "+" else -int(value)
            return after(left, step) if step else left
    return Operate("+" if step > 0 else "-", node, number(abs(step)))
