"""What the signs of mathematics mean here: relations, and functions by their usual letters."""

from __future__ import annotations

RELATIONS = {
    "=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "!=": "!=", r"\le": "<=", r"\leq": "<=",
    r"\ge": ">=", r"\geq": ">=", r"\ne": "!=", r"\neq": "!=", r"\lt": "<", r"\gt": ">",
    r"\leqslant": "<=", r"\geqslant": ">=",
}  # fmt: skip
TIMES = {"*", r"\cdot", r"\times"}
FUNCTIONS = {
    r"\varphi": "phi", r"\phi": "phi", r"\sigma": "sigma", r"\tau": "tau", r"\mu": "mobius",
    r"\lambda": "liouville", r"\omega": "omega", r"\Omega": "bigomega", r"\pi": "primepi",
    r"\ln": "log", r"\log": "log", r"\exp": "exp", r"\gcd": "gcd", r"\min": "min", r"\max": "max",
    r"\lcm": "lcm", "ln": "log", "totient": "phi", "d": "tau", "C": "binomial",
    "rad": "rad", r"\chi": "chromatic", r"\alpha": "independence", r"\Delta": "maxdegree",
    r"\delta": "mindegree", "M": "mertens", "L": "liouville_sum",
}  # fmt: skip
INDEXED = {
    "F": "fib", "L": "lucas", "C": "catalan", "p": "nthprime", "D": "derangements",
}  # fmt: skip
