"""The vocabulary of the English templates: how numbers, graphs and values are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from lemmata.apps.conjecture.formalise.numbers import ONE, TWO, harmonic, number
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Name,
    Node,
    Operate,
    Relation,
)

COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, **{str(n): n for n in range(1, 11)},
}  # fmt: skip
VERBS = (
    r"do not divide|does not divide|divides?|exceeds?|equals?|never exceeds?|has|have|reach(?:es)?"
    r"|contains?|leaves?|ends?|satisf(?:y|ies)|takes? only|only takes?"
)
LABELS = (
    r"^the (?:number|integer|value|expression|polynomial|sequence|formula|quantity|fraction"
    r"|binomial coefficient) "
)
"""What may stand before a formula and says nothing."""
VAR = r"[A-Za-z](?:\s*,\s*[A-Za-z])*(?:\s*,?\s*and\s+[A-Za-z])?"

# Adjectives and nouns for integers: a guard on the variable.
TRUTHS: dict[str, str] = {
    "prime": "prime", "composite": "composite", "even": "even", "odd": "odd",
    "squarefree": "squarefree", "square-free": "squarefree", "perfect": "perfect",
    "abundant": "abundant", "deficient": "deficient", "triangular": "triangular",
    "palindromic": "palindrome", "a prime": "prime", "a prime number": "prime",
    "a composite number": "composite", "an even number": "even", "an odd number": "odd",
    "a perfect square": "square", "a square": "square", "a square number": "square",
    "a perfect cube": "cube", "a cube": "cube", "a cube number": "cube", "a perfect power": "power",
    "a power of two": "power_of_two", "a power of 2": "power_of_two",
    "a triangular number": "triangular", "a perfect number": "perfect",
    "an abundant number": "abundant", "a palindrome": "palindrome", "primes": "prime",
    "prime numbers": "prime",
    "perfect squares": "square", "squares": "square", "perfect cubes": "cube",
    "powers of two": "power_of_two", "powers of 2": "power_of_two", "connected": "connected",
    "bipartite": "bipartite", "a tree": "tree", "acyclic": "acyclic", "a forest": "acyclic",
    "triangle-free": "triangle_free", "regular": "regular", "complete": "complete",
    "hamiltonian": "hamiltonian", "eulerian": "eulerian",
}  # fmt: skip
GRAPH_WORDS = {
    "connected", "bipartite", "acyclic", "triangle-free", "regular", "complete", "hamiltonian",
    "eulerian",
}  # fmt: skip
RELATIONS: list[tuple[str, Relation]] = [
    (r"(?:strictly )?(?:less|smaller) than or equal to", "<="),
    (r"(?:greater|larger) than or equal to", ">="),
    (r"(?:strictly )?(?:less|smaller|fewer) than|below", "<"),
    (r"(?:strictly )?(?:greater|larger|more|bigger) than|above", ">"),
    (r"at least|no less than|not less than", ">="), (r"at most|no more than|not more than", "<="),
    (r"not equal to|different from", "!="), (r"equal to|exactly", "="),
]  # fmt: skip
SIGNS: dict[str, Relation] = {
    "positive": ">", "negative": "<", "nonnegative": ">=", "nonzero": "!=",
}  # fmt: skip
RELATION = "|".join(f"(?:{pattern})" for pattern, _ in RELATIONS)


def relation(words: str) -> Relation:
    return next(op for pattern, op in RELATIONS if re.fullmatch(pattern, words, re.I))


# Values said in words: what stands for {0} is read again.
VALUES: list[tuple[str, Callable[..., Node]]] = []


def _value(pattern: str, function: str) -> None:
    VALUES.append((pattern, lambda *inner: Call(function, inner)))


for _pattern, _function in [
    (r"(?:the )?sum of (?:all )?(?:the )?(?:positive )?divisors of (.+)", "sigma"),
    (r"(?:the )?number of (?:positive )?divisors of (.+)", "tau"),
    (r"(?:the )?number of distinct prime (?:factors|divisors) of (.+)", "omega"),
    (r"(?:the )?number of prime factors of (.+?)(?:,? counted with multiplicity)?", "bigomega"),
    (r"(?:the )?number of (?:integer )?partitions of (.+)", "partitions"),
    (r"(?:the )?number of primes (?:up to|not exceeding) (.+)", "primepi"),
    (r"(?:the )?number of derangements of (.+?)(?: (?:things|objects|elements))?", "derangements"),
    (r"(?:the )?number of vertices of (.+)|the order of (.+)", "order"),
    (r"(?:the )?number of edges of (.+)|the size of (.+)", "size"),
    (r"(?:the )?number of triangles (?:of|in) (.+)", "triangles"),
    (r"(?:the )?number of (?:connected )?components of (.+)", "components"),
    (r"(?:the )?number of (?:vertices of odd degree|odd vertices) (?:of|in) (.+)", "odd_vertices"),
    (r"(?:the )?maximum degree of (.+)", "maxdegree"),
    (r"(?:the )?minimum degree of (.+)", "mindegree"),
    (r"(?:the )?sum of the degrees of (.+)", "degreesum"),
    (r"(?:the )?chromatic number of (.+)", "chromatic"),
    (r"(?:the )?clique number of (.+)", "clique"),
    (r"(?:the )?independence number of (.+)", "independence"),
    (r"(?:the )?matching number of (.+)", "matching"),
    (r"(?:the )?vertex cover number of (.+)", "cover"),
    (r"(?:the )?digit sum of (.+)|the sum of the digits of (.+)", "digitsum"),
    (r"(?:the )?next prime after (.+)", "nextprime"),
    (r"(?:the )?least prime factor of (.+)", "lpf"),
    (r"(?:the )?(?:greatest|largest) prime factor of (.+)", "gpf"),
    (r"(?:the )?square root of (.+)", "sqrt"),
    (r"(?:the )?factorial of (.+)", "factorial"),
    (r"(?:the )?product of the first (.+) primes", "primorial"),
    (r"(?:the )?sum of the Liouville function (?:up to|from 1 to) (.+)", "liouville_sum"),
    (r"(?:the )?sum of the M(?:ö|oe|o)bius function (?:up to|from 1 to) (.+)", "mertens"),
    (r"(?:the )?complement of (.+)", "complement"),
    (r"(?:the )?Fibonacci number F?_?\(?(\w+)\)?", "fib"),
    (r"(?:the )?Lucas number L?_?\(?(\w+)\)?", "lucas"),
    (r"(?:the )?Catalan number C?_?\(?(\w+)\)?", "catalan"),
    (r"(?:the )?number of Collatz steps (?:of|from) (.+)", "collatz_steps"),
    (r"(?:the )?(?:greatest|largest) number on the Collatz path of (.+)", "collatz_max"),
]:  # fmt: skip
    _value(_pattern, _function)

_K = Name("k")
FIRST: dict[str, Node] = {
    r"(?:positive |natural )?(?:integers|numbers)": _K,
    r"odd (?:positive )?(?:numbers|integers)": Operate("-", Operate("*", TWO, _K), ONE),
    r"(?:positive )?odd (?:numbers|integers)": Operate("-", Operate("*", TWO, _K), ONE),
    r"(?:positive even|even positive) (?:numbers|integers)": Operate("*", TWO, _K),
    r"even (?:numbers|integers)": Operate("*", TWO, _K),
    r"(?:perfect |positive )?squares": Operate("^", _K, TWO),
    r"(?:perfect |positive )?cubes": Operate("^", _K, number(3)),
    r"Fibonacci numbers": Call("fib", (_K,)),
    r"primes|prime numbers": Call("nthprime", (_K,)),
    r"triangular numbers": Operate("//", Operate("*", _K, Operate("+", _K, ONE)), TWO),
}  # fmt: skip
"""The k-th of the first n of a kind."""


def sum_of_first(term: Node, n: Node) -> Node:
    return Bind("sum", "k", ONE, n, term)


VALUES += [
    (r"(?:the )?(\w+)(?:st|nd|rd|th) prime(?: number)?", lambda n: Call("nthprime", (n,))),
    (r"(?:the )?(\w+)(?:st|nd|rd|th) Fibonacci number", lambda n: Call("fib", (n,))),
    (r"(?:the )?(\w+)(?:st|nd|rd|th) (?:partial )?harmonic (?:number|sum)", harmonic),
    (r"(?:the )?central binomial coefficient of (.+)",
     lambda n: Call("binomial", (Operate("*", TWO, n), n))),
    *[
        (rf"(?:the )?sum of the first (\w+) (?:{kind})", partial(sum_of_first, term))
        for kind, term in FIRST.items()
    ],
    *[
        (rf"(?:the )?sum of the {power}s of the first (\w+) (?:{kind})",
         partial(sum_of_first, Operate("^", term, number(2 if power == "square" else 3))))
        for power in ("square", "cube") for kind, term in FIRST.items()
    ],
    (r"(?:the )?last two digits of (.+)", lambda a: Operate("mod", a, number(100))),
    (r"(?:the )?(\w+)(?:st|nd|rd|th) Catalan number", lambda n: Call("catalan", (n,))),
    (r"(?:the )?(\w+)(?:st|nd|rd|th) Lucas number", lambda n: Call("lucas", (n,))),
    *[
        (rf"(?:the )?sum of the reciprocals of the first (\w+) (?:{kind})",
         partial(sum_of_first, Operate("/", ONE, term)))
        for kind, term in FIRST.items()
    ],
    (r"(?:the )?last digit of (.+)", lambda a: Operate("mod", a, number(10))),
    (r"(?:the )?remainder of (.+?) (?:when )?(?:divided by|modulo|mod) (.+)",
     lambda a, b: Operate("mod", a, b)),
    (r"(\w+) (?:more|greater|larger) than (.+)", lambda a, b: Operate("+", b, a)),
    (r"(\w+) (?:less|fewer|smaller) than (.+)", lambda a, b: Operate("-", b, a)),
    (r"(?:the )?cube of (.+)", lambda a: Operate("^", a, number(3))),
    (r"(?:the )?absolute value of (.+)", lambda a: Call("abs", (a,))),
    (r"(?:the )?successor of (.+)", lambda a: Operate("+", a, ONE)),
    (r"(?:the )?greatest common divisor of (.+?) and (.+)", lambda a, b: Call("gcd", (a, b))),
    (r"(?:the )?least common multiple of (.+?) and (.+)", lambda a, b: Call("lcm", (a, b))),
    (r"twice (.+)", lambda a: Operate("*", TWO, a)),
    (r"(?:the )?square of (.+)", lambda a: Operate("^", a, TWO)),
]  # fmt: skip


COUNTED = {
    "prime factors": "bigomega", "distinct prime factors": "omega", "divisors": "tau",
    "edges": "size", "vertices": "order", "vertices of odd degree": "odd_vertices",
    "odd vertices": "odd_vertices", "triangles": "triangles", "components": "components",
    "connected components": "components", "prime divisors": "omega",
    "distinct prime divisors": "omega", "factors": "tau",
}  # fmt: skip
ADJECTIVES = "|".join(
    sorted(
        ["positive", "nonnegative", "non-negative", "negative", "nonzero", "non-zero", "natural",
         "real", "distinct", "arbitrary", "simple", "finite", "even", "odd", "prime", "composite",
         "squarefree", "square-free", r"perfect(?! (?:square|cube|power|number))", "abundant",
         "deficient", "triangular", "palindromic", "different", "consecutive", "cubic",
         *GRAPH_WORDS],
        key=len, reverse=True,
    )
) + r"|\d+-regular"  # fmt: skip
NOUNS = (
    r"perfect squares?|perfect cubes?|perfect powers?|square numbers?|cubes?|powers? of (?:two|2)"
    r"|perfect numbers?|prime numbers?|natural numbers?|real numbers?|reals?"
    r"|composite numbers?|abundant numbers?|triangular numbers?|integers?|numbers?|primes?"
    r"|squares?|graphs?|trees?|palindromes?"
)
NOUN_TRUTHS: dict[str, tuple[str, ...]] = {
    "prime": ("prime",), "prime number": ("prime",), "composite number": ("composite",),
    "abundant number": ("abundant",), "perfect number": ("perfect",), "square": ("a square",),
    "perfect square": ("a square",), "triangular number": ("triangular",), "tree": ("a tree",),
    "palindrome": ("a palindrome",), "square number": ("a square",), "cube": ("a cube",),
    "perfect cube": ("a cube",), "perfect power": ("a perfect power",),
    "power of two": ("a power of two",), "power of 2": ("a power of two",),
}  # fmt: skip


Family = tuple[str, int, Callable[[Node], Node], str, str]
"""How it is called, from which index on, its value, what the index must be, and its letter."""


def _family(
    pattern: str, low: int, value: Callable[[Node], Node], guard: str = "", name: str = "n"
) -> Family:
    return pattern, low, value, guard, name


FAMILIES: list[Family] = [
    _family(r"Fermat numbers?", 0,
            lambda n: Operate("+", Operate("^", TWO, Operate("^", TWO, n)), ONE)),
    _family(r"Mersenne numbers? with (?:a )?prime exponents?", 2,
            lambda p: Operate("-", Operate("^", TWO, p), ONE), "prime", "p"),
    _family(r"Fibonacci numbers? with (?:a )?prime index greater than (?:three|3)", 4,
            lambda p: Call("fib", (p,)), "prime", "p"),
    _family(r"Euclid numbers?", 1, lambda n: Operate("+", Call("primorial", (n,)), ONE)),
    _family(r"central binomial coefficients?", 1,
            lambda n: Call("binomial", (Operate("*", TWO, n), n))),
    _family(r"Catalan numbers?", 0, lambda n: Call("catalan", (n,))),
]  # fmt: skip


def singular(noun: str) -> str:
    noun = re.sub(r"^powers\b", "power", noun)
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
