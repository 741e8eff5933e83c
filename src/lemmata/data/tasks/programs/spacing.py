"""The best choice from a row when chosen places must keep a distance."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-spacing"
TITLE = "Program: best choice from a row with gaps kept"
TASK = "code"

_STORIES = {
    "en": (
        "Along a road stand n houses with known gains. Between two chosen houses at least {g} others "
        "must be left out.",
        "A singer may perform on some of n evenings, each with its fee, and rests at least {g} evenings "
        "between two of them.",
        "Masts may be set up at n places in a row, each with its worth, with at least {g} places "
        "between two masts.",
        "From n numbers in a row some are chosen; between two chosen ones at least {g} are skipped.",
    ),
    "zh": (
        "路边有 n 座房屋，收益已知。任意两座被选的房屋之间至少隔 {g} 座未选的房屋。",
        "歌手可在 n 个晚上中的一些登台，每晚报酬已知，两次演出之间至少休息 {g} 个晚上。",
        "一排 n 个位置可以架设天线，每个位置有价值，两根天线之间至少空 {g} 个位置。",
        "从一排 n 个数中选一些，任意两个被选的数之间至少跳过 {g} 个。",
    ),
}
_ASK = {
    ("en", "sum"): "What is the greatest total?",
    ("en", "ways"): "How many choices are there, the empty one included?",
    ("en", "number"): "Only places of positive worth may be chosen. How many at most?",
    ("zh", "sum"): "总和最大是多少？",
    ("zh", "ways"): "共有多少种选法（可以一个都不选）？",
    ("zh", "number"): "只能选价值为正的位置，最多能选几个？",
}


def item(rng: Random, language: Language) -> Item:
    """Gaps of 1 to 5, three questions."""
    gap, asked = rng.randint(1, 5), rng.choice(("sum", "ways", "number"))
    limit = rng.choice((50, 60, 80)) if asked == "ways" else rng.choice((10**3, 10**4, 10**5))
    story = rng.choice(_STORIES[language]).format(g=gap)
    if language == "en":
        story = f"{story} {_ASK[language, asked]}"
        given, wanted = (
            f"n (1 <= n <= {limit}), then n integers, negative ones possible.",
            "one integer.",
        )
    else:
        story += _ASK[language, asked]
        given, wanted = (
            f"第一行为 n（1 <= n <= {limit}），第二行为 n 个整数，可能为负。",
            "一个整数。",
        )
    inputs = [_input(rng, size) for size in (1, 4, 5, 6, 8, 9)]
    outputs = [_search(gap, asked, text) for text in inputs]
    return frame.item(
        frame.problem(language, story, given, wanted),
        frame.solution(
            language,
            _steps(language, gap, asked),
            _code(rng, gap, asked),
            (inputs[2], outputs[2]),
            ("O(n)", "O(n)"),
        ),
        {"gap": gap, "asked": asked},
        inputs,
        outputs,
    )


def _steps(language: Language, gap: int, asked: str) -> tuple[str, str, str]:
    back = gap + 1
    rule = {
        "sum": f"f(i) = max(f(i-1), f(i-{back}) + a_i)",
        "ways": f"f(i) = f(i-1) + f(i-{back})",
        "number": f"f(i) = max(f(i-1), f(i-{back}) + 1 if a_i > 0)",
    }[asked]
    first = "1" if asked == "ways" else "0"
    if language == "en":
        meaning = {"sum": "the greatest total", "ways": "the number of choices",
                   "number": "the greatest number chosen"}[asked]  # fmt: skip
        return (
            f"chosen places are at least {back} apart; choosing none is allowed.",
            f"let f(i) be {meaning} among the first i places; f(i) = {first} for i <= 0.",
            f"place i is left out, or chosen after place i-{back} at the latest: {rule}.",
        )
    meaning = {"sum": "最大总和", "ways": "选法数", "number": "最多个数"}[asked]
    return (
        f"被选位置的下标至少相差 {back}，也可以都不选。",
        f"设 f(i) 为前 i 个位置的{meaning}，i <= 0 时 f(i) = {first}。",
        f"第 i 个不选，或选它而前一个最晚在 i-{back}：{rule}。",
    )


def _code(rng: Random, gap: int, asked: str) -> str:
    f = rng.choice(("f", "dp", "best", "upto"))
    earlier = f"{f}[max(0, i - {gap + 1})]"
    value = {
        "sum": f"max({f}[i - 1], {earlier} + a[i - 1])",
        "ways": f"{f}[i - 1] + {earlier}",
        "number": f"max({f}[i - 1], {earlier} + (a[i - 1] > 0))",
    }[asked]
    return (
        "n = int(input())\n"
        "a = list(map(int, input().split()))\n"
        f"{f} = [{1 if asked == 'ways' else 0}] * (n + 1)\n"
        "for i in range(1, n + 1):\n"
        f"    {f}[i] = {value}\n"
        f"print({f}[n])\n"
    )


def _input(rng: Random, size: int) -> str:
    return f"{size}\n{' '.join(str(rng.randint(-5, 20)) for _ in range(size))}\n"


def _search(gap: int, asked: str, given: str) -> str:
    """Every choice of places."""
    values = [int(word) for word in given.splitlines()[1].split()]
    places = range(len(values))
    choices = [
        chosen
        for size in range(len(values) + 1)
        for chosen in combinations(places, size)
        if all(b - a > gap for a, b in pairwise(chosen))
    ]
    if asked == "ways":
        return str(len(choices))
    if asked == "sum":
        return str(max(sum(values[place] for place in chosen) for chosen in choices))
    return str(max(len(c) for c in choices if all(values[place] > 0 for place in c)))


def check(params: Params) -> str:
    """Exhaustive search."""
    return frame.answer([_search(params["gap"], params["asked"], g) for g in params["inputs"]])
