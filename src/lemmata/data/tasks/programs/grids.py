"""Ways over a grid: how many, cheapest or richest; with or without diagonal steps."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-grids"
TITLE = "Program: counting and pricing ways over a grid"
TASK = "code"

_STORIES = {
    "en": ("A robot crosses a field of r rows and c columns from the upper left to the lower right.",
           "A courier goes from the north-west corner to the south-east corner of a town of r by c "
           "blocks.",
           "A game piece walks over a board of r rows and c columns, from the first field to the last.",
           "Water flows over a slope of r rows and c columns from its upper left to its lower right."),
    "zh": ("机器人从 r 行 c 列场地的左上角走到右下角。", "快递员从 r 乘 c 街区的西北角走到东南角。",
           "棋子从 r 行 c 列棋盘的第一格走到最后一格。", "水从 r 行 c 列的斜坡左上角流到右下角。"),
}  # fmt: skip
_MOVES = {
    ("en", False): "Each step goes one field right or down.",
    ("en", True): "Each step goes one field right, down, or diagonally right and down.",
    ("zh", False): "每步向右或向下走一格。",
    ("zh", True): "每步向右、向下或向右下走一格。",
}
_ASK = {
    ("en", "ways"): ("Fields marked 0 are blocked (1: free). How many ways are there?",
                     "A 0 is a closed field, a 1 an open one. Count the possible ways."),
    ("en", "min"): ("Each field has a cost. What does the cheapest way cost, both ends included?",
                    "Find the smallest sum of the numbers on a way, both ends included."),
    ("en", "max"): ("Each field holds coins. How many can be collected at most?",
                    "Find the greatest sum of the numbers on a way, both ends included."),
    ("zh", "ways"): ("标 0 的格子不能走（1 可以走）。有多少种走法？", "0 表示封闭，1 表示开放，求走法数。"),
    ("zh", "min"): ("每格有一个代价，求总代价最小是多少（含两端）。", "求路上数字之和的最小值（含两端）。"),
    ("zh", "max"): ("每格有若干金币，最多能收集多少？", "求路上数字之和的最大值（含两端）。"),
}  # fmt: skip
_MODULI = (None, 1_000_000_007, 998_244_353, 10_007)


def item(rng: Random, language: Language) -> Item:
    """Three questions, two rules of movement; counts with or without a modulus."""
    asked, diagonal = rng.choice(("ways", "min", "max")), rng.random() < 0.5
    modulus = rng.choice(_MODULI) if asked == "ways" else None
    limit = rng.choice((100, 200, 300, 500))
    parts = [rng.choice(_STORIES[language]), _MOVES[language, diagonal],
             rng.choice(_ASK[language, asked])]  # fmt: skip
    if modulus:
        parts.append(
            f"Print it modulo {modulus}." if language == "en" else f"结果对 {modulus} 取模。"
        )
    if language == "en":
        given = f"r and c (at most {limit} each), then r lines of c non-negative integers."
        story, wanted = " ".join(parts), "one integer."
    else:
        given = f"第一行为 r 和 c（都不超过 {limit}），接下来 r 行各 c 个非负整数。"
        story, wanted = "".join(parts), "一个整数。"
    inputs, outputs = frame.varied(
        lambda: _input(rng, asked), lambda text: _search(asked, diagonal, modulus, text)
    )
    return frame.item(
        frame.problem(language, story, given, wanted),
        frame.solution(
            language,
            _steps(language, asked, diagonal),
            _code(rng, asked, diagonal, modulus),
            (inputs[0], outputs[0]),
            ("O(r * c)", "O(r * c)"),
        ),
        {"asked": asked, "diagonal": diagonal, "modulus": modulus},
        inputs,
        outputs,
    )


def _steps(language: Language, asked: str, diagonal: bool) -> tuple[str, str, str]:
    last = ", f(i-1, j-1)" if diagonal else ""
    before = f"f(i-1, j), f(i, j-1){last}"
    rule = {
        "ways": f"f(i, j) = {before.replace(', f', ' + f')} (0 where blocked)",
        "min": f"f(i, j) = g(i, j) + min({before})",
        "max": f"f(i, j) = g(i, j) + max({before})",
    }[asked]
    if language == "en":
        meaning = {"ways": "the number of ways to field (i, j)", "min": "the least sum up to (i, j)",
                   "max": "the greatest sum up to (i, j)"}[asked]  # fmt: skip
        return (
            "no step goes back, so a field is reached only from fields done before it.",
            f"let f(i, j) be {meaning}, with the first field as the start.",
            f"the last step comes from a neighbour: {rule}.",
        )
    meanings = {
        "ways": "到达 (i, j) 的走法数",
        "min": "到 (i, j) 的最小和",
        "max": "到 (i, j) 的最大和",
    }
    return (
        "不会走回头路，所以每格只从先前算过的格子到达。",
        f"设 f(i, j) 为{meanings[asked]}，起点为第一格。",
        f"最后一步来自相邻的格子：{rule}。",
    )


def _code(rng: Random, asked: str, diagonal: bool, modulus: int | None) -> str:
    f = rng.choice(("f", "dp", "best", "table"))
    moves = "((1, 0), (0, 1), (1, 1))" if diagonal else "((1, 0), (0, 1))"
    value = {
        "ways": "sum(before) if g[i][j] else 0",
        "min": "g[i][j] + min(before)",
        "max": "g[i][j] + max(before)",
    }[asked]
    start = "1 if g[0][0] else 0" if asked == "ways" else "g[0][0]"
    if modulus:
        value = f"({value}) % {modulus}"
    return (
        "r, c = map(int, input().split())\n"
        "g = [list(map(int, input().split())) for _ in range(r)]\n"
        f"{f} = [[0] * c for _ in range(r)]\n"
        "for i in range(r):\n"
        "    for j in range(c):\n"
        "        if i == j == 0:\n"
        f"            {f}[0][0] = {start}\n"
        "            continue\n"
        f"        before = [{f}[i - a][j - b] for a, b in {moves} if a <= i and b <= j]\n"
        f"        {f}[i][j] = {value}\n"
        f"print({f}[-1][-1])\n"
    )


def _input(rng: Random, asked: str) -> str:
    rows, columns = rng.randint(1, 5), rng.randint(1, 5)
    values = (0, 1, 1, 1) if asked == "ways" else tuple(range(10))
    lines = (" ".join(str(rng.choice(values)) for _ in range(columns)) for _ in range(rows))
    return f"{rows} {columns}\n" + "".join(f"{line}\n" for line in lines)


def _walks(
    grid: list[list[int]], diagonal: bool, at: tuple[int, int] = (0, 0)
) -> Iterator[list[int]]:
    """The numbers on every way from `at` to the end."""
    i, j = at
    here = [grid[i][j]]
    if at == (len(grid) - 1, len(grid[0]) - 1):
        yield here
        return
    for a, b in ((1, 0), (0, 1), (1, 1)) if diagonal else ((1, 0), (0, 1)):
        if i + a < len(grid) and j + b < len(grid[0]):
            for rest in _walks(grid, diagonal, (i + a, j + b)):
                yield here + rest


def _search(asked: str, diagonal: bool, modulus: int | None, given: str) -> str:
    """Walk every way."""
    grid = [[int(word) for word in line.split()] for line in given.splitlines()[1:]]
    walks = _walks(grid, diagonal)
    if asked == "ways":
        count = sum(all(walk) for walk in walks)
        return str(count % modulus if modulus else count)
    return str((min if asked == "min" else max)(map(sum, walks)))


def check(params: Params) -> str:
    """Exhaustive search."""
    asked, diagonal, modulus = params["asked"], params["diagonal"], params["modulus"]
    return frame.answer([_search(asked, diagonal, modulus, given) for given in params["inputs"]])
