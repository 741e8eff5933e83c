"""How many non-negative or positive integer solutions a*x + b*y = c has."""

from __future__ import annotations

from math import gcd
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "linear-diophantine"
TITLE = "Counting solutions of a*x + b*y = c"
TASK = "counting"

_PROBLEMS = {
    ("en", 0): (
        "How many pairs (x, y) of non-negative integers satisfy {a}x + {b}y = {c}?",
        "Find the number of solutions of {a}x + {b}y = {c} in integers x, y >= 0.",
        "Pens cost {a} yuan and books {b} yuan. In how many ways can exactly {c} yuan be spent on "
        "them, if either may be left out?",
    ),
    ("en", 1): (
        "How many pairs (x, y) of positive integers satisfy {a}x + {b}y = {c}?",
        "Find the number of solutions of {a}x + {b}y = {c} in integers x, y >= 1.",
        "A pipe of length {c} is laid from pieces of length {a} and {b}, at least one of each. "
        "How many pairs of piece counts are possible?",
    ),
    ("zh", 0): (
        "满足 {a}x + {b}y = {c} 的非负整数对 (x, y) 有多少个？",
        "求方程 {a}x + {b}y = {c} 的非负整数解的个数。",
        "钢笔每支 {a} 元，书每本 {b} 元，恰好花 {c} 元购买（可以只买一种），有多少种买法？",
    ),
    ("zh", 1): (
        "满足 {a}x + {b}y = {c} 的正整数对 (x, y) 有多少个？",
        "求方程 {a}x + {b}y = {c} 的正整数解的个数。",
        "用长 {a} 和长 {b} 的两种管子接成总长 {c} 的管道，每种至少一根，根数的搭配有多少种？",
    ),
}
_UNDERSTAND = {
    "en": ("We count integer pairs with {a}x + {b}y = {c}, x >= {low} and y >= {low}.",
           "Both unknowns are integers of at least {low}; we count the pairs on the line."),
    "zh": ("要数满足 {a}x + {b}y = {c} 且 x >= {low}、y >= {low} 的整数对。",
           "两个未知数都是不小于 {low} 的整数，统计直线上的整点。"),
}  # fmt: skip
_MODEL = {
    "en": ("gcd({a}, {b}) = {g}. If it divides {c}, the solutions are one apart by "
           "({bg}, -{ag}) in (x, y).",
           "By Bezout the equation is solvable exactly when gcd({a}, {b}) = {g} divides {c}; then x "
           "moves in steps of {bg} and y in steps of {ag}."),
    "zh": ("gcd({a}, {b}) = {g}。若它整除 {c}，则相邻两解相差 ({bg}, -{ag})。",
           "由裴蜀定理，方程有解当且仅当 gcd({a}, {b}) = {g} 整除 {c}；此时 x 的步长为 {bg}，"
           "y 的步长为 {ag}。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Coefficients 2 to 30, right side up to 800; one in ten has no solution."""
    a, b = rng.sample(range(2, 31), 2)
    g, low = gcd(a, b), rng.choice((0, 1))
    c = rng.randint(a * b // g // 2, 800)
    if rng.random() < 0.9:
        c += -c % g
    ag, bg = a // g, b // g
    words = {"a": a, "b": b, "c": c, "g": g, "ag": ag, "bg": bg, "low": low}
    steps, check_line, answer = _derive(language, a, b, c, low)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, low], _UNDERSTAND[language], _MODEL[language]),
        words,
        steps,
        check_line,
        str(answer),
        {"a": a, "b": b, "c": c, "low": low},
    )


def _derive(language: Language, a: int, b: int, c: int, low: int) -> tuple[str, str, int]:
    """Steps, verification and count."""
    en = language == "en"
    g = gcd(a, b)
    if c % g:
        steps = f"{c} = {g} * {c // g} + {c % g}" + (
            f", so {g} does not divide {c} and there is no solution."
            if en
            else f"，所以 {g} 不整除 {c}，无解。"
        )
        verify = (
            f"{a}x + {b}y is always a multiple of {g}, and {c} is none."
            if en
            else f"{a}x + {b}y 总是 {g} 的倍数，而 {c} 不是。"
        )
        return steps, verify, 0
    return _solvable(en, a, b, c, low)


def _solvable(en: bool, a: int, b: int, c: int, low: int) -> tuple[str, str, int]:
    g = gcd(a, b)
    ag, bg, cg = a // g, b // g, c // g
    x = next(x for x in range(low, low + bg) if (cg - ag * x) % bg == 0)
    top = cg - bg * low
    if ag * x > top:
        return _too_small(en, a, b, c, x)
    last = x + (top // ag - x) // bg * bg
    count = (last - x) // bg + 1
    lines = [f"{a}/{g} = {ag}, {b}/{g} = {bg}, {c}/{g} = {cg}: {ag}x + {bg}y = {cg}"]
    if en:
        lines += [
            f"The smallest x >= {low} that fits is x = {x}: {cg} - {ag} * {x} = {cg - ag * x}, "
            f"a multiple of {bg}.",
            f"y >= {low} needs {ag}x <= {top}, so x <= {top // ag}.",
            f"x runs from {x} to {last} in steps of {bg}: ({last} - {x})/{bg} + 1 = {count}.",
        ]
    else:
        lines += [
            f"不小于 {low} 且满足条件的最小 x 是 {x}：{cg} - {ag} * {x} = {cg - ag * x}，"
            f"是 {bg} 的倍数。",
            f"y >= {low} 要求 {ag}x <= {top}，即 x <= {top // ag}。",
            f"x 从 {x} 到 {last}，步长 {bg}：({last} - {x})/{bg} + 1 = {count}。",
        ]
    first_y, last_y = (c - a * x) // b, (c - a * last) // b
    ends = [f"{a} * {x} + {b} * {first_y} = {c}", f"{a} * {last} + {b} * {last_y} = {c}"]
    verify = "; ".join(dict.fromkeys(ends)) + "." if en else "；".join(dict.fromkeys(ends)) + "。"
    return "\n".join(lines), verify, count


def _too_small(en: bool, a: int, b: int, c: int, x: int) -> tuple[str, str, int]:
    y = (c - a * x) // b
    if en:
        return (
            f"The smallest x that fits is {x}, and then y = ({c} - {a} * {x})/{b} = {y}.",
            f"That y is too small, and a larger x only lowers it: {a} * {x} + {b} * ({y}) = {c}.",
            0,
        )
    return (
        f"满足条件的最小 x 是 {x}，此时 y = ({c} - {a} * {x})/{b} = {y}。",
        f"这个 y 太小，x 再大 y 只会更小：{a} * {x} + {b} * ({y}) = {c}。",
        0,
    )


def check(params: Params) -> str:
    """Try every x."""
    a, b, c, low = (params[name] for name in ("a", "b", "c", "low"))
    fits = ((c - a * x) % b == 0 and (c - a * x) // b >= low for x in range(low, c // a + 1))
    return str(sum(fits))
