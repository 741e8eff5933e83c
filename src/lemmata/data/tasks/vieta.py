"""Symmetric functions of the roots of a quadratic, by Vieta's formulas."""

from __future__ import annotations

import cmath
from fractions import Fraction
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "vieta"
TITLE = "Roots of quadratics through Vieta's formulas"
TASK = "math"

_WANTED = {
    "squares": "r^2 + s^2",
    "cubes": "r^3 + s^3",
    "reciprocals": "1/r + 1/s",
    "difference": "(r - s)^2",
    "mixed": "r^2*s + r*s^2",
    "ratio": "r/s + s/r",
    "shifted": "(r + 1)*(s + 1)",
}
_THROUGH = {
    "squares": "(r + s)^2 - 2*r*s",
    "cubes": "(r + s)^3 - 3*r*s*(r + s)",
    "reciprocals": "(r + s)/(r*s)",
    "difference": "(r + s)^2 - 4*r*s",
    "mixed": "r*s*(r + s)",
    "ratio": "((r + s)^2 - 2*r*s)/(r*s)",
    "shifted": "r*s + (r + s) + 1",
}
_PROBLEMS = {
    "en": (
        "Let r and s be the roots of {equation} = 0. Find {wanted}.",
        "The equation {equation} = 0 has roots r and s, possibly complex. What is {wanted}?",
        "If r and s are the two solutions of {equation} = 0, compute {wanted} without solving it.",
    ),
    "zh": (
        "设 r、s 是方程 {equation} = 0 的两个根，求 {wanted}。",
        "方程 {equation} = 0 的两根为 r 和 s（可能是复数），{wanted} 等于多少？",
        "已知 r、s 是 {equation} = 0 的两个解，不解方程，计算 {wanted}。",
    ),
}
_UNDERSTAND = {
    "en": ("The wanted value {wanted} does not change when r and s are swapped.",
           "We need {wanted}, which is symmetric in the roots, so the roots are not needed."),
    "zh": ("所求的 {wanted} 在交换 r 与 s 后不变。",
           "{wanted} 关于两根对称，所以不必求出根本身。"),
}  # fmt: skip
_MODEL = {
    "en": ("By Vieta r + s = {sum} and r*s = {product}; also {wanted} = {through}.",
           "Vieta gives r + s = {sum}, r*s = {product}. Rewrite: {wanted} = {through}."),
    "zh": ("由韦达定理，r + s = {sum}，r*s = {product}；并且 {wanted} = {through}。",
           "韦达定理给出 r + s = {sum}、r*s = {product}。变形：{wanted} = {through}。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """a*x^2 + b*x + c with a from 1 to 3, whole r + s and rs, neither zero."""
    a = rng.choice((1, 1, 2, 3))
    total = rng.choice((-1, 1)) * rng.randint(1, 15)
    product = rng.choice((-1, 1)) * rng.randint(1, 30)
    kind = rng.choice(sorted(_WANTED))
    words = {
        "equation": _equation(a, -a * total, a * product),
        "wanted": _WANTED[kind],
        "through": _THROUGH[kind],
        "sum": total,
        "product": product,
    }
    lines, answer = _derive(kind, total, product)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language], _UNDERSTAND[language], _MODEL[language]),
        words,
        "\n".join(lines),
        _verify(language, kind, total, product, answer),
        str(answer),
        {"a": a, "b": -a * total, "c": a * product, "kind": kind},
    )


def _equation(a: int, b: int, c: int) -> str:
    lead = "" if a == 1 else str(a)
    middle = "" if abs(b) == 1 else str(abs(b))
    return f"{lead}x^2 {'+' if b > 0 else '-'} {middle}x {'+' if c > 0 else '-'} {abs(c)}"


def _derive(kind: str, s: int, p: int) -> tuple[list[str], Fraction]:
    """Lines of arithmetic, and the value; negative numbers stand in brackets."""
    square = f"({s})^2 = {s * s}"
    values: dict[str, tuple[list[str], int | Fraction]] = {
        "squares": ([square, f"{s * s} - 2 * ({p}) = {s * s - 2 * p}"], s * s - 2 * p),
        "cubes": (
            [f"({s})^3 = {s**3}", f"3 * ({p}) * ({s}) = {3 * p * s}",
             f"{s**3} - ({3 * p * s}) = {s**3 - 3 * p * s}"],
            s**3 - 3 * p * s,
        ),
        "reciprocals": ([f"({s})/({p}) = {Fraction(s, p)}"], Fraction(s, p)),
        "difference": ([square, f"{s * s} - 4 * ({p}) = {s * s - 4 * p}"], s * s - 4 * p),
        "mixed": ([f"({p}) * ({s}) = {p * s}"], p * s),
        "ratio": (
            [square, f"{s * s} - 2 * ({p}) = {s * s - 2 * p}",
             f"({s * s - 2 * p})/({p}) = {Fraction(s * s - 2 * p, p)}"],
            Fraction(s * s - 2 * p, p),
        ),
        "shifted": ([f"{p} + ({s}) + 1 = {p + s + 1}"], p + s + 1),
    }  # fmt: skip
    lines, value = values[kind]
    return lines, Fraction(value)


def _verify(language: Language, kind: str, s: int, p: int, answer: Fraction) -> str:
    """The roots themselves, numerically."""
    r, t = _roots(1, -s, p)
    near = _value(kind, r, t).real
    shown = f"r ≈ {_rounded(r)}, s ≈ {_rounded(t)}"
    if language == "en":
        return f"Numerically {shown}, which gives {near:.3f} ≈ {float(answer):.3f}."
    return f"数值检验：{shown}，得到 {near:.3f} ≈ {float(answer):.3f}。"


def _rounded(root: complex) -> str:
    if abs(root.imag) < 1e-12:
        return f"{root.real:.3f}"
    return f"{root.real:.3f} {'+' if root.imag > 0 else '-'} {abs(root.imag):.3f}i"


def _roots(a: int, b: int, c: int) -> tuple[complex, complex]:
    root = cmath.sqrt(b * b - 4 * a * c)
    return complex((-b + root) / (2 * a)), complex((-b - root) / (2 * a))


def _value(kind: str, r: complex, s: complex) -> complex:
    return {
        "squares": lambda: r**2 + s**2,
        "cubes": lambda: r**3 + s**3,
        "reciprocals": lambda: 1 / r + 1 / s,
        "difference": lambda: (r - s) ** 2,
        "mixed": lambda: r * r * s + r * s * s,
        "ratio": lambda: r / s + s / r,
        "shifted": lambda: (r + 1) * (s + 1),
    }[kind]()


def check(params: Params) -> str:
    """From the roots as complex numbers, recognised as the fraction it must be."""
    value = _value(params["kind"], *_roots(params["a"], params["b"], params["c"]))
    return str(Fraction(value.real).limit_denominator(1000))
