"""Permutations with exactly k fixed points, or in which m given things are out of place."""

from __future__ import annotations

from itertools import permutations
from math import comb, factorial
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "derangements"
TITLE = "Permutations with fixed points counted"
TASK = "counting"

_THINGS = {
    "en": (
        ("letters", "their own envelope"), ("guests", "their own hat"), ("keys", "their own lock"),
        ("students", "their own seat"), ("gifts", "their own box"), ("players", "their own shirt"),
        ("books", "their own shelf"), ("cars", "their own bay"), ("cups", "their own lid"),
    ),
    "zh": (
        ("封信", "自己的信封"), ("位客人", "自己的帽子"), ("把钥匙", "自己的锁"),
        ("名学生", "自己的座位"), ("件礼物", "自己的盒子"), ("名队员", "自己的球衣"),
        ("本书", "自己的书架"), ("辆车", "自己的车位"), ("个杯子", "自己的杯盖"),
    ),
}  # fmt: skip
_PROBLEMS = {
    ("en", "exactly"): (
        "{n} {things} are matched with {n} places, one each. In how many ways do exactly {k} of them "
        "get {own}?",
        "In how many arrangements of {n} {things} do exactly {k} end up with {own}?",
    ),
    ("en", "given"): (
        "{n} {things} are matched with {n} places, one each. In how many ways do {k} particular "
        "{things} all miss {own}, the others being free?",
        "Of {n} {things}, {k} are marked. How many arrangements are there in which none of the "
        "marked get {own}?",
    ),
    ("zh", "exactly"): (
        "{n} {things}与 {n} 个位置一一配对，恰有 {k} {things}配到{own}的方法有多少种？",
        "{n} {things}的所有安排中，恰好 {k} {things}得到{own}的有多少种？",
    ),
    ("zh", "given"): (
        "{n} {things}与 {n} 个位置一一配对，其中指定的 {k} {things}都不配到{own}，其余不限，"
        "有多少种方法？",
        "{n} {things}中有 {k} {things}做了记号，做记号的都没有得到{own}的安排有多少种？",
    ),
}
_UNDERSTAND = {
    ("en", "exactly"): ("Exactly {k} of {n} are right and the other {rest} are all wrong.",
                        "We count permutations of {n} with exactly {k} fixed points."),
    ("en", "given"): ("{k} given elements of {n} must not be fixed; the others are free.",
                      "We count permutations of {n} in which {k} named points are not fixed."),
    ("zh", "exactly"): ("{n} 个中恰有 {k} 个在原位，其余 {rest} 个都不在原位。",
                        "要数 {n} 个元素的排列中恰有 {k} 个不动点的个数。"),
    ("zh", "given"): ("{n} 个中指定的 {k} 个不能在原位，其余不限。",
                      "要数 {n} 个元素的排列中指定的 {k} 个点都不是不动点的个数。"),
}  # fmt: skip
_MODEL = {
    ("en", "exactly"): ("Choose the fixed ones, derange the rest. The number of derangements of m "
                        "things begins with 1, 0 (m = 0, 1); then it is m-1 times the sum of the last two.",
                        "There are C({n}, {k}) ways to choose who is right; the other {rest} are deranged. "
                        "Derangements of m things: 1, 0, then m-1 times the sum of the last two."),
    ("en", "given"): ("Inclusion and exclusion over the given elements: the sum over i of "
                      "(-1)^i * C({k}, i) * ({n}-i)!.",
                      "Fix i of the {k} in C({k}, i) ways, permute the rest in ({n}-i)! ways, "
                      "and alternate the signs."),
    ("zh", "exactly"): ("先选不动的，再把其余错排。m 个元素的错排数从 1、0 开始（m 为 0、1），"
                        "以后每个等于 m-1 乘以前两个之和。",
                        "选出在原位的有 C({n}, {k}) 种，其余 {rest} 个错排。错排数依次为 1、0，"
                        "以后是 m-1 乘以前两个之和。"),
    ("zh", "given"): ("对指定元素用容斥：对 i 求和 (-1)^i * C({k}, i) * ({n}-i)!。",
                      "先让 {k} 个中的 i 个不动，有 C({k}, i) 种，其余 ({n}-i)! 种排列，正负交替相加。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """3 to 10 things."""
    kind, n = rng.choice(("exactly", "given")), rng.randint(3, 10)
    k = rng.choice([k for k in range(n - 1) if k > 0 or kind == "exactly"])
    things, own = rng.choice(_THINGS[language])
    words = {"n": n, "k": k, "rest": n - k, "things": things, "own": own}
    lines, answer = _exactly(n, k) if kind == "exactly" else _given(n, k)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, kind], _UNDERSTAND[language, kind], _MODEL[language, kind]),
        words,
        "\n".join(lines),
        _verify(language, kind, n, k),
        str(answer),
        {"kind": kind, "n": n, "k": k},
    )


def _exactly(n: int, k: int) -> tuple[list[str], int]:
    lines, numbers = [], [1, 0]
    for m in range(2, n - k + 1):
        numbers.append((m - 1) * (numbers[m - 1] + numbers[m - 2]))
        lines.append(f"m = {m}: {m - 1} * ({numbers[m - 1]} + {numbers[m - 2]}) = {numbers[m]}")
    answer = comb(n, k) * numbers[n - k]
    lines += [wording.choose(n, k), f"{comb(n, k)} * {numbers[n - k]} = {answer}"]
    return lines, answer


def _given(n: int, k: int) -> tuple[list[str], int]:
    terms = [(-1) ** i * comb(k, i) * factorial(n - i) for i in range(k + 1)]
    lines = [
        f"i = {i}: C({k}, {i}) = {comb(k, i)}, {n - i}! = {factorial(n - i)}, "
        f"{comb(k, i)} * {factorial(n - i)} = {abs(term)}"
        for i, term in enumerate(terms)
    ]
    signed = " ".join(f"{'-' if term < 0 else '+'} {abs(term)}" for term in terms)
    return [*lines, f"{signed.removeprefix('+ ')} = {sum(terms)}"], sum(terms)


def _verify(language: Language, kind: str, n: int, k: int) -> str:
    """Both sides on three things, listed; and a bound on the answer."""
    small = min(k, 1) if kind == "exactly" else min(k, 2)
    found = ["".join(map(str, p)) for p in permutations((1, 2, 3)) if _fits(p, kind, small)]
    _, formula = _exactly(3, small) if kind == "exactly" else _given(3, small)
    _, answer = _exactly(n, k) if kind == "exactly" else _given(n, k)
    if language == "en":
        return (
            f"With 3 things and {small} the formula gives {formula}, and listing gives "
            f"{', '.join(found)}. Here {answer} <= {n}! = {factorial(n)}."
        )
    return (
        f"取 3 个元素和 {small}，公式给出 {formula}，逐个列出为 {'、'.join(found)}。"
        f"并且 {answer} <= {n}! = {factorial(n)}。"
    )


def _fits(order: tuple[int, ...], kind: str, k: int) -> bool:
    fixed = [place for place, thing in enumerate(order, 1) if place == thing]
    return len(fixed) == k if kind == "exactly" else not any(place <= k for place in fixed)


def check(params: Params) -> str:
    """Place the things one by one, remembering only which are used and how many are fixed."""
    n, k, kind = params["n"], params["k"], params["kind"]
    ways = {(0, 0): 1}
    for place in range(n):
        following: dict[tuple[int, int], int] = {}
        for (used, fixed), count in ways.items():
            for thing in range(n):
                if used >> thing & 1:
                    continue
                hit = thing == place and (kind == "exactly" or place < k)
                key = (used | 1 << thing, fixed + hit)
                following[key] = following.get(key, 0) + count
        ways = following
    wanted = k if kind == "exactly" else 0
    return str(sum(count for (_, fixed), count in ways.items() if fixed == wanted))
