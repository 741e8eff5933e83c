"""Knapsacks: most value or least weight, filled exactly or at most, things once or often."""

from __future__ import annotations

from itertools import product
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-knapsack"
TITLE = "Program: choosing things within a capacity"
TASK = "code"

_STORIES = {
    "en": (
        "A hiker packs a rucksack of capacity c from n things, each with a weight and a value.",
        "An archive of c megabytes is filled from n films, each with a size and a rating.",
        "A workshop has c hours and n orders, each with its hours and its profit.",
        "A farmer has c hectares and n crops, each needing some hectares and giving some yield.",
        "A student has c minutes and n exercises, each with its minutes and its points.",
    ),
    "zh": (
        "登山者有容量为 c 的背包和 n 件物品，每件有重量和价值。",
        "存储空间为 c 兆，有 n 部电影，每部有大小和评分。",
        "车间有 c 小时，有 n 份订单，每份有所需小时数和利润。",
        "农夫有 c 公顷土地，有 n 种作物，每种有所需面积和收成。",
        "学生有 c 分钟，有 n 道题，每道有所需分钟和得分。",
    ),
}
_USE = {
    ("en", True): "Each can be taken any number of times.",
    ("en", False): "Each can be taken at most once.",
    ("zh", True): "每种可以取任意多次。",
    ("zh", False): "每种最多取一次。",
}
_FILL = {
    ("en", True): "The capacity must be used up exactly; print -1 where that is impossible.",
    ("en", False): "The capacity need not be used up.",
    ("zh", True): "容量必须恰好用完，做不到则输出 -1。",
    ("zh", False): "容量不必用完。",
}
_ASK = {
    ("en", "most"): ("What is the greatest total of the second quantity?",
                     "Maximise the sum of the second numbers."),
    ("en", "number"): ("How many can be taken at most?", "Maximise the number of things taken."),
    ("zh", "most"): ("第二个量的总和最大是多少？", "求第二个数之和的最大值。"),
    ("zh", "number"): ("最多能取多少件？", "求取的件数的最大值。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Two goals, two rules of use, two rules of filling."""
    variant = {
        "goal": rng.choice(("most", "most", "number")),
        "often": rng.random() < 0.5,
        "exactly": rng.random() < 0.5,
    }
    goal, often, exactly = str(variant["goal"]), bool(variant["often"]), bool(variant["exactly"])
    limit, most = rng.choice((500, 1000, 5000, 10_000)), rng.choice((50, 100, 200))
    parts = (
        rng.choice(_STORIES[language]), _USE[language, often], _FILL[language, exactly],
        rng.choice(_ASK[language, goal]),
    )  # fmt: skip
    if language == "en":
        story = " ".join(parts)
        given = (
            f"n and c (n <= {most}, c <= {limit}), then n lines with two positive integers each."
        )
        wanted = "one integer."
    else:
        story = "".join(parts)
        given = f"第一行为 n 和 c（n <= {most}，c <= {limit}），接下来 n 行各有两个正整数。"
        wanted = "一个整数。"
    inputs, outputs = frame.varied(
        lambda: _input(rng), lambda text: _search(goal, often, exactly, text)
    )
    return frame.item(
        frame.problem(language, story, given, wanted),
        frame.solution(
            language,
            _steps(language, goal, often, exactly),
            _code(rng, goal, often, exactly),
            (inputs[0], outputs[0]),
            ("O(n * c)", "O(c)"),
        ),
        variant,
        inputs,
        outputs,
    )


def _steps(language: Language, goal: str, often: bool, exactly: bool) -> tuple[str, str, str]:
    gain = "v" if goal == "most" else "1"
    rule = f"f(s) = max(f(s), f(s - w) + {gain})"
    if language == "en":
        order = (
            "upwards, so a thing may be taken again" if often else "downwards, so it is taken once"
        )
        start = "f(0) = 0, all else minus infinity" if exactly else "f(s) = 0 for every s"
        filled = "exactly" if exactly else "at most"
        return (
            f"the weights chosen add up to {filled} c, and the total gain is to be greatest.",
            f"let f(s) be the greatest gain with weight {filled} s; at first {start}.",
            f"for every thing (w, v): {rule}, with s going {order}.",
        )
    order = "从小到大枚举（可重复取）" if often else "从大到小枚举（只取一次）"
    start = "f(0) = 0，其余为负无穷" if exactly else "所有 f(s) = 0"
    filled = "恰好为" if exactly else "不超过"
    return (
        f"所选重量之和{filled} c，总收益最大。",
        f"设 f(s) 为重量{filled} s 时的最大收益，初始{start}。",
        f"对每件 (w, v)：{rule}，s {order}。",
    )


def _code(rng: Random, goal: str, often: bool, exactly: bool) -> str:
    table = rng.choice(("f", "dp", "best", "gain"))
    start = "[0] + [float('-inf')] * c" if exactly else "[0] * (c + 1)"
    sums = "range(w, c + 1)" if often else "range(c, w - 1, -1)"
    end = f"{table}[c] if {table}[c] >= 0 else -1" if exactly else f"{table}[c]"
    return (
        "n, c = map(int, input().split())\n"
        f"{table} = {start}\n"
        "for _ in range(n):\n"
        "    w, v = map(int, input().split())\n"
        f"    for s in {sums}:\n"
        f"        {table}[s] = max({table}[s], {table}[s - w] + {'v' if goal == 'most' else '1'})\n"
        f"print({end})\n"
    )


def _input(rng: Random) -> str:
    things = [(rng.randint(1, 9), rng.randint(1, 20)) for _ in range(rng.randint(1, 4))]
    lines = "".join(f"{weight} {value}\n" for weight, value in things)
    return f"{len(things)} {rng.randint(1, 18)}\n{lines}"


def _search(goal: str, often: bool, exactly: bool, given: str) -> str:
    """Every choice of counts."""
    first, *rows = ([int(word) for word in line.split()] for line in given.splitlines())
    capacity, best = first[1], -1
    ranges = [range(capacity // weight + 1 if often else 2) for weight, _ in rows]
    for counts in product(*ranges):
        weight = sum(count * row[0] for count, row in zip(counts, rows, strict=True))
        if weight == capacity or (weight < capacity and not exactly):
            gains = [row[1] if goal == "most" else 1 for row in rows]
            gain = sum(count * gain for count, gain in zip(counts, gains, strict=True))
            best = max(best, gain)
    return str(best)


def check(params: Params) -> str:
    """Exhaustive search."""
    goal, often, exactly = params["goal"], params["often"], params["exactly"]
    return frame.answer([_search(goal, often, exactly, given) for given in params["inputs"]])
