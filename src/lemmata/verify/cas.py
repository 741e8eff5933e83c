"""What only a computer algebra system can tell; runs inside a worker process, nowhere else.

LaTeX is read by latex2sympy2_extended's grammar (through math-verify), which builds expressions and
evaluates no text; the plain-text reader of math-verify calls `eval` and is not used. Equality is
by exact simplification, difference by a certified numeric distance; never by float tolerance.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

TEXT_LIMIT = 2000
_FORBIDDEN = re.compile(
    r"__|\\(?:write|input|include|def|let|catcode|csname)|[`@#\"$?]|[^\x20-\x7e]"
)


def load() -> None:
    """Import what a first question would otherwise wait for."""
    import math_verify  # noqa: F401
    import sympy  # noqa: F401


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """`{"equal": bool}` or `{"undecided": reason}` for the trees `left` and `right` or, where our
    own reader failed, the LaTeX texts `a` and `b`."""
    if "left" in task:
        left, right = build(task["left"]), build(task["right"])
    else:
        left, right = read(task["a"]), read(task["b"])
    if left is None or right is None:
        return {"undecided": "not readable as mathematics"}
    verdict = same(left, right)
    return {"undecided": "not proved either way"} if verdict is None else {"equal": verdict}


def build(tree: list[Any]) -> Any:
    """The sympy expression of an encoded tree; no text is parsed. None where a head has none."""
    import sympy

    head, value, children = tree
    if head == "num":
        return sympy.Rational(*(int(part, 16) for part in value))
    if head == "sym":
        return sympy.Symbol(value, real=True)
    if head == "const":
        return {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "deg": sympy.pi / 180}.get(value)
    args = [build(child) for child in children]
    rule = _builders().get(value if head == "call" else head)
    return None if rule is None or None in args else rule(*args)


@lru_cache(maxsize=1)
def _builders() -> dict[str, Callable[..., Any]]:
    import sympy as s

    return {
        "add": s.Add, "mul": s.Mul, "neg": lambda a: -a, "div": lambda a, b: a / b, "pow": s.Pow,
        "root": lambda a, n: s.real_root(a, n) if a.is_number else s.root(a, n),
        "fact": s.factorial,
        "percent": lambda a: a / 100, "binom": s.binomial, "perm": lambda n, k: s.ff(n, k),
        "log": s.log, "sin": s.sin, "cos": s.cos, "tan": s.tan, "cot": s.cot, "sec": s.sec,
        "csc": s.csc,
        "arcsin": s.asin, "arccos": s.acos, "arctan": s.atan, "arccot": s.acot, "sinh": s.sinh,
        "cosh": s.cosh, "tanh": s.tanh, "abs": s.Abs, "floor": s.floor, "ceil": s.ceiling,
        "gcd": s.gcd, "lcm": s.lcm, "max": s.Max, "min": s.Min, "mod": s.Mod, "fact2": s.factorial2,
    }  # fmt: skip


def read(text: str) -> Any:
    """The sympy object for one LaTeX expression, or None."""
    from math_verify import LatexExtractionConfig, parse

    if len(text) > TEXT_LIMIT or _FORBIDDEN.search(text):
        return None
    found = parse(
        f"${text}$",
        extraction_config=[LatexExtractionConfig()],
        fallback_mode="no_fallback",
        parsing_timeout=None,
        raise_on_error=False,
    )
    return found[0] if found and not isinstance(found[0], str) else None


def same(left: Any, right: Any) -> bool | None:
    """True and False are proved; None is neither."""
    import sympy

    if left == right:
        return True
    if isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr):
        return same_value(left, right)
    if isinstance(left, sympy.FiniteSet) and isinstance(right, sympy.FiniteSet):
        return same_members(list(left), list(right))
    if isinstance(left, sympy.MatrixBase) and isinstance(right, sympy.MatrixBase):
        return left.shape == right.shape and every(map(same, left, right))
    return None


def every(verdicts: Any) -> bool | None:
    """All true: True; one false: False; otherwise None."""
    seen = list(verdicts)
    return False if False in seen else None if None in seen else True


def same_members(left: list[Any], right: list[Any]) -> bool | None:
    """Pair off the members of two finite sets."""
    rest, unsure = list(right), False
    for item in left:
        verdicts = [same(item, other) for other in rest]
        if True in verdicts:
            rest.pop(verdicts.index(True))
        elif None in verdicts:
            unsure = True
        else:
            return False
    return None if unsure else not rest


def same_value(left: Any, right: Any) -> bool | None:
    import sympy

    difference = sympy.nsimplify((left - right).doit(), rational=True)
    if nonzero_somewhere(difference):
        return False
    for simplify in (sympy.simplify, sympy.radsimp, sympy.trigsimp, sympy.expand_log):
        if simplify(difference) == 0:
            return True
    return None


def nonzero_somewhere(difference: Any) -> bool:
    """A point at which the value, to 60 digits, is far from nought."""
    import sympy

    names = sorted(difference.free_symbols, key=str)
    for seed in range(3):
        point = {
            name: sympy.Rational(1009 + 83 * seed + 31 * i, 907 - 10 * seed + i)
            for i, name in enumerate(names)
        }
        value = difference.subs(point).evalf(60, maxn=400)
        if value.is_number and value.is_finite and abs(complex(value)) > 1e-40:
            return True
        if not names:
            break
    return False
