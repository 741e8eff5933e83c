"""The smallest number with given remainders, by sieving (the Chinese remainder theorem)."""

from __future__ import annotations

from itertools import combinations
from math import gcd, prod
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "remainders"
TITLE = "Numbers with given remainders"
TASK = "math"

_CONDITION = {
    "en": "{r} when divided by {m}",
    "zh": "除以 {m} 余 {r}",
}
_PROBLEMS = {
    "en": (
        "Find the smallest positive integer that leaves the remainders {conditions}.",
        "A basket of eggs is counted out in several ways; left over are {conditions}. What is the "
        "smallest possible number of eggs?",
        "What is the least positive integer whose remainders are {conditions}?",
    ),
    "zh": (
        "求满足下列条件的最小正整数：{conditions}。",
        "一筐鸡蛋，{conditions}。这筐鸡蛋最少有多少个？",
        "今有物不知其数，{conditions}，问物至少有多少？",
    ),
}
_MANY = {("en", 2): "both", ("en", 3): "all three", ("zh", 2): "两个", ("zh", 3): "三个"}
_UNDERSTAND = {
    "en": ("To be met at once: {k} conditions; and the number should be as small as possible.",
           "We look for the first positive number that meets {k} conditions."),
    "zh": ("{k}条件要同时成立，并且数要最小。", "要找满足{k}条件的第一个正整数。"),
}  # fmt: skip
_MODEL = {
    "en": ("The divisors are coprime in pairs, so the numbers recur every {period}. Sieve: meet one "
           "condition after another.",
           "Keep what is met and step by the product of the divisors used so far; after {period} "
           "everything repeats."),
    "zh": ("除数两两互质，所以解以 {period} 为周期。逐个条件筛选。",
           "保持已满足的条件，每次加上已用除数的乘积；每 {period} 重复一次。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Two or three divisors from 3 to 13, coprime in pairs."""
    size = rng.choice((2, 3, 3))
    moduli = sorted(rng.sample(range(3, 14), size))
    while any(gcd(a, b) > 1 for a, b in combinations(moduli, 2)):
        moduli = sorted(rng.sample(range(3, 14), size))
    rests = [rng.randint(1, m - 1) for m in moduli]
    conditions = wording.listed(
        (_CONDITION[language].format(r=r, m=m) for r, m in zip(rests, moduli, strict=True)),
        language,
    ).replace(" 和 ", "、")
    words = {"conditions": conditions, "k": _MANY[language, size], "period": prod(moduli)}
    lines, answer = _derive(language, rests, moduli)
    verify = [f"{answer} = {answer // m} * {m} + {r}" for r, m in zip(rests, moduli, strict=True)]
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language], _UNDERSTAND[language], _MODEL[language]),
        words,
        "\n".join(lines),
        ", ".join(verify) + ("." if language == "en" else "。"),
        str(answer),
        {"rests": rests, "moduli": moduli},
    )


def _derive(language: Language, rests: list[int], moduli: list[int]) -> tuple[list[str], int]:
    lines, value, step = [], rests[0], moduli[0]
    for rest, modulus in zip(rests[1:], moduli[1:], strict=True):
        tried = []
        while value % modulus != rest:
            tried.append(f"{value} ≡ {value % modulus}")
            value += step
        tried.append(f"{value} ≡ {value % modulus}")
        start = {"en": f"Steps of {step}, modulo {modulus}: ", "zh": f"步长 {step}，模 {modulus}："}
        lines.append(start[language] + ", ".join(tried))
        lines.append(f"{step} * {modulus} = {step * modulus}")
        step *= modulus
    return lines, value


def check(params: Params) -> str:
    """Try every number."""
    conditions = list(zip(params["rests"], params["moduli"], strict=True))
    limit = prod(params["moduli"])
    return str(next(n for n in range(1, limit + 1) if all(n % m == r for r, m in conditions)))
