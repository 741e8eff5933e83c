"""Coin problems: fewest coins, number of ways, or possible at all; each coin often or once."""

from __future__ import annotations

from itertools import product
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-coins"
TITLE = "Program: paying an amount with given coins"
TASK = "code"

_THINGS = {
    "en": (("coins", "values", "amount"), ("stamps", "values", "postage"),
           ("weights", "masses", "total mass"), ("planks", "lengths", "total length"),
           ("packs", "sizes", "number of pieces")),
    "zh": (("硬币", "面值", "金额"), ("邮票", "面值", "邮资"), ("砝码", "质量", "总质量"),
           ("木板", "长度", "总长"), ("包装", "件数", "总件数")),
}  # fmt: skip
_USE = {
    ("en", True): "Each may be used any number of times.",
    ("en", False): "Each may be used at most once.",
    ("zh", True): "每种可以使用任意多次。",
    ("zh", False): "每个最多使用一次。",
}
_ASK = {
    ("en", "fewest"): ("Find the least number of {thing} that make up the {amount} exactly, or -1.",
                       "How few {thing} give exactly the {amount}? Print -1 where none do."),
    ("en", "ways"): ("In how many ways can the {amount} be made, order not counting?",
                     "Count the different selections of {thing} that give exactly the {amount}."),
    ("en", "possible"): ("Decide whether the {amount} can be made exactly; print YES or NO.",
                         "Print YES if some {thing} give exactly the {amount}, else NO."),
    ("zh", "fewest"): ("求恰好凑出该{amount}所需{thing}的最少个数，凑不出输出 -1。",
                       "最少用几个{thing}能恰好凑成该{amount}？不能则输出 -1。"),
    ("zh", "ways"): ("不计顺序，凑出该{amount}有多少种方法？", "求恰好凑成该{amount}的选法数（不计顺序）。"),
    ("zh", "possible"): ("判断能否恰好凑出该{amount}，输出 YES 或 NO。",
                         "若有一些{thing}恰好凑成该{amount}，输出 YES，否则输出 NO。"),
}  # fmt: skip
_START = {
    "fewest": ("[0] + [float('inf')] * total", "{t}[s] = min({t}[s], {t}[s - v] + 1)",
               "print({t}[total] if {t}[total] < float('inf') else -1)"),
    "ways": ("[1] + [0] * total", "{t}[s] += {t}[s - v]", "print({t}[total])"),
    "possible": ("[True] + [False] * total", "{t}[s] = {t}[s] or {t}[s - v]",
                 "print('YES' if {t}[total] else 'NO')"),
}  # fmt: skip
_RULE = {
    "fewest": "f(s) = min(f(s), f(s - v) + 1)",
    "ways": "f(s) = f(s) + f(s - v)",
    "possible": "f(s) = f(s) or f(s - v)",
}


def item(rng: Random, language: Language) -> Item:
    """Three questions, two rules of use."""
    asked, often = rng.choice(("fewest", "ways", "possible")), rng.random() < 0.5
    thing, value, amount = rng.choice(_THINGS[language])
    limit, most = rng.choice((1000, 5000, 10_000)), rng.choice((20, 50, 100))
    inputs, outputs = frame.varied(lambda: _input(rng), lambda text: _search(asked, often, text))
    sentence = rng.choice(_ASK[language, asked]).format(thing=thing, amount=amount)
    if language == "en":
        story = f"There are n {thing} with different {value}. {_USE[language, often]} {sentence}"
        given = (
            f"n and the {amount} s (n <= {most}, s <= {limit}), then on the next line the {value}."
        )
        wanted = "one line with the answer."
    else:
        story = f"有 n 种{value}互不相同的{thing}。{_USE[language, often]}{sentence}"
        given = f"第一行为 n 和{amount} s（n <= {most}，s <= {limit}），第二行为 n 个{value}。"
        wanted = "一行，即答案。"
    return frame.item(
        frame.problem(language, story, given, wanted),
        frame.solution(
            language,
            _steps(language, asked, often),
            _code(rng, asked, often),
            (inputs[0], outputs[0]),
            ("O(n * s)", "O(s)"),
        ),
        {"asked": asked, "often": often},
        inputs,
        outputs,
    )


def _steps(language: Language, asked: str, often: bool) -> tuple[str, str, str]:
    rule = _RULE[asked]
    if language == "en":
        order = "upwards, so that v may be used again" if often else "downwards, so v is used once"
        meaning = {"fewest": "the fewest that give s", "ways": "the number of selections that give s",
                   "possible": "whether s can be made"}[asked]  # fmt: skip
        return (
            "a selection is counted without its order, and its sum must be exactly s.",
            f"go through the values v one by one and let f(s) be {meaning} with the values so far.",
            f"{rule} for s from v to the total, {order}.",
        )
    order = "从小到大，这样 v 可以重复使用" if often else "从大到小，这样 v 只用一次"
    meaning = {"fewest": "凑出 s 的最少个数", "ways": "凑出 s 的选法数", "possible": "能否凑出 s"}[
        asked
    ]
    return (
        "选法不计顺序，总和必须恰好为 s。",
        f"逐个考虑 v，设 f(s) 为用已考虑的数{meaning}。",
        f"{rule}，s 的枚举{order}。",
    )


def _code(rng: Random, asked: str, often: bool) -> str:
    table = rng.choice(("f", "dp", "best", "table"))
    start, step, end = (part.format(t=table) for part in _START[asked])
    sums = "range(v, total + 1)" if often else "range(total, v - 1, -1)"
    return (
        "n, total = map(int, input().split())\n"
        "values = list(map(int, input().split()))\n"
        f"{table} = {start}\n"
        "for v in values:\n"
        f"    for s in {sums}:\n"
        f"        {step}\n"
        f"{end}\n"
    )


def _input(rng: Random) -> str:
    values = rng.sample(range(1, 12), rng.randint(1, 4))
    return f"{len(values)} {rng.randint(1, 22)}\n{' '.join(map(str, values))}\n"


def _search(asked: str, often: bool, given: str) -> str:
    """Every multiset of the values."""
    first, second = given.splitlines()
    total, values = int(first.split()[1]), [int(value) for value in second.split()]
    ranges = [range(total // value + 1 if often else 2) for value in values]
    sizes = [
        sum(counts)
        for counts in product(*ranges)
        if sum(count * value for count, value in zip(counts, values, strict=True)) == total
    ]
    if asked == "ways":
        return str(len(sizes))
    if asked == "possible":
        return "YES" if sizes else "NO"
    return str(min(sizes, default=-1))


def check(params: Params) -> str:
    """Exhaustive search."""
    return frame.answer([_search(params["asked"], params["often"], g) for g in params["inputs"]])
