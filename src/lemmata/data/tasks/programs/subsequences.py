"""The longest or heaviest subsequence that rises or falls, strictly or not."""

from __future__ import annotations

import operator
from itertools import combinations, pairwise
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-subsequences"
TITLE = "Program: longest or heaviest monotone subsequence"
TASK = "code"

_STORIES = {
    "en": ("The heights of n trees along a road are given.", "A shop notes its sales on n days.",
           "A list of n integers is given.", "The scores of a player in n games are known in order.",
           "A walk passes n hills of known height, one after the other."),
    "zh": ("给出路边 n 棵树的高度。", "商店记录了 n 天的销量。", "给出 n 个整数。",
           "已知一名选手依次在 n 场比赛中的得分。", "徒步依次经过 n 座山，高度已知。"),
}  # fmt: skip
_SHAPE = {
    ("en", "<"): "strictly increasing", ("en", "<="): "non-decreasing",
    ("en", ">"): "strictly decreasing", ("en", ">="): "non-increasing",
    ("zh", "<"): "严格递增", ("zh", "<="): "不下降", ("zh", ">"): "严格递减", ("zh", ">="): "不上升",
}  # fmt: skip
_ASK = {
    ("en", "length"): ("Find the length of a longest {shape} subsequence.",
                       "How many of them at most can be kept so that those kept are {shape}?"),
    ("en", "sum"): ("Find the greatest sum of a {shape} subsequence.",
                    "Keep some of them so that those kept are {shape}; how large can their sum be?"),
    ("zh", "length"): ("求最长{shape}子序列的长度。", "最多能保留多少个，使保留下来的{shape}？"),
    ("zh", "sum"): ("求{shape}子序列的元素之和的最大值。", "保留一些数使其{shape}，和最大是多少？"),
}  # fmt: skip
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def item(rng: Random, language: Language) -> Item:
    """Four orders, two measures."""
    order, measure = rng.choice(sorted(_COMPARE)), rng.choice(("length", "sum"))
    shape, limit = _SHAPE[language, order], rng.choice((1000, 1500, 2000, 3000))
    ask = rng.choice(_ASK[language, measure]).format(shape=shape)
    top = rng.choice((100, 1000, 10**6))
    if language == "en":
        story = f"{rng.choice(_STORIES[language])} {ask}"
        given = f"n (1 <= n <= {limit}), then n positive integers of at most {top}."
        wanted = "one integer."
    else:
        story = f"{rng.choice(_STORIES[language])}{ask}"
        given = f"第一行为 n（1 <= n <= {limit}），第二行为 n 个不超过 {top} 的正整数。"
        wanted = "一个整数。"
    inputs = [_input(rng, size) for size in (1, 4, 5, 6, 7, 8)]
    outputs = [_search(order, measure, text) for text in inputs]
    return frame.item(
        frame.problem(language, story, given, wanted),
        frame.solution(
            language,
            _steps(language, order, measure),
            _code(rng, order, measure),
            (inputs[2], outputs[2]),
            ("O(n^2)", "O(n)"),
        ),
        {"order": order, "measure": measure},
        inputs,
        outputs,
    )


def _steps(language: Language, order: str, measure: str) -> tuple[str, str, str]:
    gain = "1" if measure == "length" else "a_i"
    rule = f"f(i) = {gain} + max(0, f(j) : j < i, a_j {order} a_i)"
    if language == "en":
        return (
            f"the kept elements stay in their order, and each neighbour pair satisfies a {order} b.",
            f"let f(i) be the best {measure} of such a subsequence that ends at element i.",
            f"the element before i is some j: {rule}; the answer is the greatest f(i).",
        )
    best = {"length": "最大长度", "sum": "最大和"}[measure]
    return (
        f"保留的元素保持原顺序，相邻两个满足 a {order} b。",
        f"设 f(i) 为以第 i 个元素结尾的{best}。",
        f"前一个元素是某个 j：{rule}；答案是所有 f(i) 的最大值。",
    )


def _code(rng: Random, order: str, measure: str) -> str:
    table = rng.choice(("f", "dp", "best", "ending"))
    return (
        "n = int(input())\n"
        "a = list(map(int, input().split()))\n"
        f"{table} = []\n"
        "for i in range(n):\n"
        f"    before = [{table}[j] for j in range(i) if a[j] {order} a[i]]\n"
        f"    {table}.append({'1' if measure == 'length' else 'a[i]'} + max(before, default=0))\n"
        f"print(max({table}))\n"
    )


def _input(rng: Random, size: int) -> str:
    return f"{size}\n{' '.join(str(rng.randint(1, 12)) for _ in range(size))}\n"


def _search(order: str, measure: str, given: str) -> str:
    """Every subsequence."""
    values = [int(word) for word in given.splitlines()[1].split()]
    fits = (
        chosen
        for size in range(1, len(values) + 1)
        for chosen in combinations(values, size)
        if all(_COMPARE[order](a, b) for a, b in pairwise(chosen))
    )
    return str(max(len(chosen) if measure == "length" else sum(chosen) for chosen in fits))


def check(params: Params) -> str:
    """Exhaustive search."""
    return frame.answer([_search(params["order"], params["measure"], g) for g in params["inputs"]])
