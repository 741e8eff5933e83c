"""Shortest paths on a grid: all, through a point, or around a closed point."""

from __future__ import annotations

from math import comb
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "lattice-paths"
TITLE = "Monotone paths on a grid"
TASK = "counting"

_PROBLEMS = {
    ("en", "all"): (
        "How many paths lead from (0, 0) to ({a}, {b}) in unit steps right or up?",
        "A robot walks from (0, 0) to ({a}, {b}), each step going one unit right or one unit up. "
        "How many routes has it?",
    ),
    ("en", "through"): (
        "How many paths in unit steps right or up lead from (0, 0) to ({a}, {b}) through ({c}, {d})?",
        "A courier walks from (0, 0) to ({a}, {b}), only right or up, and must call at ({c}, {d}). "
        "How many routes are there?",
    ),
    ("en", "around"): (
        "How many paths in unit steps right or up lead from (0, 0) to ({a}, {b}) and avoid "
        "({c}, {d})?",
        "The crossing ({c}, {d}) is closed. In how many ways can one walk from (0, 0) to ({a}, {b}), "
        "each step one unit right or up?",
    ),
    ("zh", "all"): (
        "从 (0, 0) 到 ({a}, {b})，每步向右或向上走一个单位，有多少条路径？",
        "机器人从 (0, 0) 走到 ({a}, {b})，每次只能向右或向上一格，有多少种走法？",
    ),
    ("zh", "through"): (
        "从 (0, 0) 到 ({a}, {b})，每步向右或向上一个单位且经过 ({c}, {d}) 的路径有多少条？",
        "快递员从 (0, 0) 到 ({a}, {b})，只能向右或向上走，并且必须经过 ({c}, {d})。有多少种走法？",
    ),
    ("zh", "around"): (
        "从 (0, 0) 到 ({a}, {b})，每步向右或向上一个单位且不经过 ({c}, {d}) 的路径有多少条？",
        "路口 ({c}, {d}) 封闭。从 (0, 0) 走到 ({a}, {b})，每步向右或向上一格，有多少种走法？",
    ),
}
_UNDERSTAND = {
    "en": ("Every path has {a} steps right and {b} steps up, {n} in all.",
           "A path is an order of {a} right steps and {b} up steps."),
    "zh": ("每条路径恰有 {a} 步向右、{b} 步向上，共 {n} 步。",
           "一条路径就是 {a} 个右步与 {b} 个上步的一种排列。"),
}  # fmt: skip
_MODEL = {
    ("en", "all"): ("Choose which of the {n} steps go right: C({n}, {a}).",
                    "The right steps may stand in any {a} of {n} places: C({n}, {a})."),
    ("en", "through"): ("Split at ({c}, {d}): paths to it, times paths from it on.",
                        "Each path is a first part to ({c}, {d}) and a second part after it: multiply."),
    ("en", "around"): ("Count all paths and subtract those through ({c}, {d}).",
                       "All paths, minus the paths to ({c}, {d}) times the paths from there on."),
    ("zh", "all"): ("在 {n} 步中选出向右的步：C({n}, {a})。",
                    "右步可以占据 {n} 个位置中的任意 {a} 个：C({n}, {a})。"),
    ("zh", "through"): ("在 ({c}, {d}) 处分成两段，两段的条数相乘。",
                        "每条路径由到 ({c}, {d}) 的前段和之后的后段组成，用乘法原理。"),
    ("zh", "around"): ("先数全部路径，再减去经过 ({c}, {d}) 的路径。",
                       "全部路径减去（到 ({c}, {d}) 的条数乘以其后的条数）。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Grids of 3 to 11 units a side."""
    kind = rng.choice(("all", "through", "around", "through", "around"))
    a, b = rng.randint(3, 11), rng.randint(3, 11)
    c, d = rng.randint(1, a - 1), rng.randint(1, b - 1)
    words = {"a": a, "b": b, "c": c, "d": d, "n": a + b}
    steps, answer = _derive(kind, a, b, c, d)
    params = {"a": a, "b": b, "kind": kind} | ({} if kind == "all" else {"c": c, "d": d})
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, kind], _UNDERSTAND[language], _MODEL[language, kind]),
        words,
        steps,
        _verify(language, kind, (a, b), (c, d), answer),
        str(answer),
        params,
    )


def _derive(kind: str, a: int, b: int, c: int, d: int) -> tuple[str, int]:
    if kind == "all":
        return wording.choose(a + b, a), comb(a + b, a)
    before, after = comb(c + d, c), comb(a - c + b - d, a - c)
    lines = [
        wording.choose(c + d, c),
        f"{a} - {c} = {a - c}, {b} - {d} = {b - d}",
        wording.choose(a - c + b - d, a - c),
        f"{before} * {after} = {before * after}",
    ]
    if kind == "through":
        return "\n".join(lines), before * after
    whole = comb(a + b, a)
    lines = [
        wording.choose(a + b, a),
        *lines,
        f"{whole} - {before * after} = {whole - before * after}",
    ]
    return "\n".join(lines), whole - before * after


def _verify(
    language: Language, kind: str, end: tuple[int, int], point: tuple[int, int], answer: int
) -> str:
    """The last step comes from the left or from below."""
    (a, b), (c, d) = end, point
    left, below = _count(kind, a - 1, b, c, d), _count(kind, a, b - 1, c, d)
    # Beside its end, a path through the point must have passed it: both counts know that.
    if language == "en":
        return (
            f"The last step comes from ({a - 1}, {b}) or ({a}, {b - 1}), reached in {left} and "
            f"{below} such ways: {left} + {below} = {answer}."
        )
    return (
        f"最后一步来自 ({a - 1}, {b}) 或 ({a}, {b - 1})，分别有 {left} 和 {below} 种："
        f"{left} + {below} = {answer}。"
    )


def _count(kind: str, a: int, b: int, c: int, d: int) -> int:
    """Paths to (a, b) by adding up the two ways into each point, with passed and not passed."""
    passed = [[0] * (b + 1) for _ in range(a + 1)]
    clear = [[0] * (b + 1) for _ in range(a + 1)]
    clear[0][0] = 1
    for x in range(a + 1):
        for y in range(b + 1):
            for u, v in ((x - 1, y), (x, y - 1)):
                if u >= 0 and v >= 0:
                    passed[x][y] += passed[u][v]
                    clear[x][y] += clear[u][v]
            if kind != "all" and (x, y) == (c, d):
                passed[x][y], clear[x][y] = passed[x][y] + clear[x][y], 0
    return passed[a][b] if kind == "through" else clear[a][b]


def check(params: Params) -> str:
    """Add up the ways into every point of the grid."""
    return str(
        _count(params["kind"], params["a"], params["b"], params.get("c", -1), params.get("d", -1))
    )
