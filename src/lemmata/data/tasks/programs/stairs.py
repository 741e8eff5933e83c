"""In how many ways can n be climbed in steps of given sizes?"""

from __future__ import annotations

from functools import cache
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-stairs"
TITLE = "Program: ordered sums from given step sizes"
TASK = "code"

_STORIES = {
    "en": (
        "A staircase has n stairs. Each move climbs {sizes} stairs. In how many ways can the top be "
        "reached?",
        "A strip of n cells is covered with tiles of length {sizes}, in order. How many coverings are "
        "there?",
        "A frog wants to cross n metres in jumps of {sizes} metres. How many sequences of jumps land "
        "exactly at the end?",
        "A message lasts n beats; its symbols last {sizes} beats. How many messages are there?",
    ),
    "zh": (
        "楼梯有 n 级，每次可以上 {sizes} 级。登上顶端共有多少种走法？",
        "用长度为 {sizes} 的砖依次铺满 n 格的长条，有多少种铺法？",
        "青蛙每次跳 {sizes} 米，恰好跳过 n 米，有多少种不同的跳法？",
        "一条信息长 n 拍，每个符号长 {sizes} 拍，有多少种不同的信息？",
    ),
}
_REDUCE = {
    "en": (" Print the number modulo {m}.", " Since it may be large, give it modulo {m}."),
    "zh": ("结果对 {m} 取模。", "答案可能很大，请输出模 {m} 的值。"),
}
_MODULI = (None, None, 1_000_000_007, 998_244_353, 10_007, 1_000_003)


def item(rng: Random, language: Language) -> Item:
    """Two or three step sizes up to 6, with or without a modulus."""
    sizes, modulus = sorted(rng.sample(range(1, 7), rng.choice((2, 3)))), rng.choice(_MODULI)
    limit = rng.choice((30, 40, 50, 60) if modulus is None else (10**4, 10**5, 2 * 10**5))
    shown = wording.listed(sizes, language).replace(" and ", " or ").replace(" 和 ", " 或 ")
    story = rng.choice(_STORIES[language]).format(sizes=shown)
    if modulus:
        story += rng.choice(_REDUCE[language]).format(m=modulus)
    inputs = [f"{n}\n" for n in (0, 1, *rng.sample(range(2, 22), 4))]
    params = {"sizes": sizes, "modulus": modulus, "inputs": inputs}
    outputs = [_count(int(given), sizes, modulus) for given in inputs]
    given = {
        "en": f"one integer n (0 <= n <= {limit}).",
        "zh": f"一个整数 n（0 <= n <= {limit}）。",
    }
    wanted = {"en": "the number of ways.", "zh": "方案数。"}
    return frame.item(
        frame.problem(language, story, given[language], wanted[language]),
        frame.solution(
            language,
            _steps(language, sizes),
            _code(rng, sizes, modulus),
            (inputs[-1], outputs[-1]),
            ("O(n)", "O(n)"),
        ),
        {key: params[key] for key in ("sizes", "modulus")},
        inputs,
        outputs,
    )


def _steps(language: Language, sizes: list[int]) -> tuple[str, str, str]:
    terms = " + ".join(f"f(i - {size})" for size in sizes)
    if language == "en":
        return (
            "the order of the moves matters, so ordered sums of the sizes are counted.",
            "let f(i) be the number of ways to reach exactly i; f(0) = 1 and f(i) = 0 for i < 0.",
            f"the last move is one of the sizes, so f(i) = {terms}.",
        )
    return (
        "顺序不同算不同的方案，所以是有序的拆分。",
        "设 f(i) 为恰好到达 i 的方案数，f(0) = 1，i < 0 时 f(i) = 0。",
        f"最后一步是其中一种长度，所以 f(i) = {terms}。",
    )


def _code(rng: Random, sizes: list[int], modulus: int | None) -> str:
    table = rng.choice(("ways", "f", "dp", "count"))
    reduce = f"        {table}[i] %= {modulus}\n" if modulus else ""
    return (
        f"n = int(input())\n"
        f"{table} = [1] + [0] * n\n"
        f"for i in range(1, n + 1):\n"
        f"    for size in {tuple(sizes)}:\n"
        f"        if size <= i:\n"
        f"            {table}[i] += {table}[i - size]\n"
        f"{reduce.replace('        ', '    ')}"
        f"print({table}[n]{f' % {modulus}' if modulus else ''})\n"
    )


def _count(n: int, sizes: list[int], modulus: int | None) -> str:
    """By choosing how often each size is used and ordering the choice."""

    @cache
    def ways(rest: int, moves: int, at: int) -> int:
        if at == len(sizes):
            return int(rest == 0)
        total, times, ordered = 0, 0, 1
        while times * sizes[at] <= rest:
            total += ordered * ways(rest - times * sizes[at], moves + times, at + 1)
            times += 1
            # Interleave one more of this size with all that are placed: C(moves + times, times).
            ordered = ordered * (moves + times) // times
        return total

    value = ways(n, 0, 0)
    return str(value % modulus if modulus else value)


def check(params: Params) -> str:
    """Multinomials instead of the recurrence."""
    counts = [_count(int(given), params["sizes"], params["modulus"]) for given in params["inputs"]]
    return frame.answer(counts)
