"""How many integers from 1 to N are divisible by some, or by none, of two or three numbers."""

from __future__ import annotations

from itertools import combinations
from math import lcm
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "inclusion-exclusion"
TITLE = "Counting multiples by inclusion and exclusion"
TASK = "counting"

_PROBLEMS = {
    ("en", "some"): (
        "How many integers from 1 to {n} are divisible by at least one of {list}?",
        "Find the number of positive integers not exceeding {n} that are multiples of {or_list}.",
        "A bell rings at every second from 1 to {n} whose number is divisible by {or_list}. "
        "How many times does it ring?",
    ),
    ("en", "none"): (
        "How many integers from 1 to {n} are divisible by none of {list}?",
        "Find the number of positive integers up to {n} that are not multiples of {or_list}.",
        "Lamps are numbered 1 to {n}. Every lamp whose number is a multiple of {or_list} is "
        "switched off. How many lamps stay on?",
    ),
    ("zh", "some"): (
        "从 1 到 {n} 的整数中，至少能被 {list} 中一个整除的有多少个？",
        "求不超过 {n} 的正整数中，是 {or_list} 的倍数的数的个数。",
        "{n} 盏灯编号为 1 到 {n}，编号是 {or_list} 的倍数的灯亮着。亮着的灯有多少盏？",
    ),
    ("zh", "none"): (
        "从 1 到 {n} 的整数中，不能被 {list} 中任何一个整除的有多少个？",
        "求不超过 {n} 的正整数中，不是 {or_list} 的倍数的数的个数。",
        "{n} 名学生编号为 1 到 {n}，编号是 {or_list} 的倍数的学生出列。还剩多少名学生？",
    ),
}
_UNDERSTAND = {
    ("en", "some"): ("We count the integers from 1 to {n} that {list} divide, each only once.",
                     "An integer counts when at least one of {list} divides it."),
    ("en", "none"): ("We count the integers from 1 to {n} that none of {list} divides.",
                     "An integer counts when it is a multiple of none of {list}."),
    ("zh", "some"): ("统计 1 到 {n} 中能被 {list} 之一整除的整数，每个只数一次。",
                     "只要能被 {list} 中至少一个整除，就计入。"),
    ("zh", "none"): ("统计 1 到 {n} 中不被 {list} 中任何一个整除的整数。",
                     "不是 {list} 中任何一个的倍数的数才计入。"),
}  # fmt: skip
_MODEL = {
    "en": ("The multiples of d up to {n} are as many as d goes into {n}; add singles, subtract pairs{three}.",
           "By inclusion and exclusion: the counts of single divisors, minus those of pairs{three}, "
           "where two divisors act together through their least common multiple."),
    "zh": ("{n} 除以 d 的商就是 {n} 以内 d 的倍数的个数；先加单个，再减两两{three}。",
           "用容斥原理：单个的个数之和减去两两的个数{three}，两个数同时整除等价于被最小公倍数整除。"),
}  # fmt: skip
_TIMES = {"en": ", so {count} multiples of {d}.", "zh": "，所以 {d} 的倍数有 {count} 个。"}
_THREE = {"en": ", add all three back", "zh": "，再加回三者"}


def item(rng: Random, language: Language) -> Item:
    """N up to 3,000, divisors from 2 to 15 of which none divides another."""
    size = rng.choice((2, 2, 3))
    divisors = sorted(rng.sample(range(2, 16), size))
    while any(b % a == 0 for a, b in combinations(divisors, 2)):
        divisors = sorted(rng.sample(range(2, 16), size))
    limit, mode = rng.randint(40, 3000), rng.choice(("some", "none"))
    words = {
        "n": limit,
        "list": wording.listed(divisors, language),
        "or_list": wording.listed(divisors, language).replace(" and ", " or ").replace("和", "或"),
        "three": _THREE[language] if size == 3 else "",
    }
    steps, answer = _derive(language, limit, divisors, mode)
    return Item(
        rng.choice(_PROBLEMS[language, mode]).format(**words),
        wording.derivation(
            rng,
            language,
            (
                rng.choice(_UNDERSTAND[language, mode]).format(**words),
                rng.choice(_MODEL[language]).format(**words),
                steps,
                _verify(rng, language, divisors, mode),
            ),
            str(answer),
        ),
        str(answer),
        {"limit": limit, "divisors": divisors, "mode": mode},
    )


def _derive(language: Language, limit: int, divisors: list[int], mode: str) -> tuple[str, int]:
    """The counts in the order of inclusion and exclusion, then their signed sum."""
    lines, signed = [], []
    for size in range(1, len(divisors) + 1):
        for chosen in combinations(divisors, size):
            common = lcm(*chosen)
            count, rest = divmod(limit, common)
            of = f"lcm({', '.join(map(str, chosen))}) = {common}, " if size > 1 else ""
            times = _TIMES[language].format(count=count, d=common)
            lines.append(f"{of}{limit} = {common} * {count} + {rest}{times}")
            signed.append(count * (-1) ** (size + 1))
    some = sum(signed)
    terms = " ".join(f"{'-' if value < 0 else '+'} {abs(value)}" for value in signed)
    lines.append(f"{terms.removeprefix('+ ')} = {some}")
    if mode == "none":
        lines.append(f"{limit} - {some} = {limit - some}")
    return "\n".join(lines), some if mode == "some" else limit - some


def _verify(rng: Random, language: Language, divisors: list[int], mode: str) -> str:
    """The same count on a range small enough to list."""
    small = rng.randint(max(divisors), max(divisors) + 6)
    found = [n for n in range(1, small + 1) if _counts(n, divisors, mode)]
    _, value = _derive(language, small, divisors, mode)
    shown = ", ".join(map(str, found))
    if language == "en":
        return f"Up to {small} the same formula gives {value}, and listing gives {shown}: {value}."
    return f"在 {small} 以内，同一公式给出 {value}，逐个列出为 {shown}，共 {value} 个，一致。"


def _counts(number: int, divisors: list[int], mode: str) -> bool:
    return any(number % divisor == 0 for divisor in divisors) == (mode == "some")


def check(params: Params) -> str:
    """Count one by one."""
    numbers = range(1, params["limit"] + 1)
    return str(sum(_counts(n, params["divisors"], params["mode"]) for n in numbers))
