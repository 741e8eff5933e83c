"""The number and the sum of a number's divisors, from its prime factorisation."""

from __future__ import annotations

from math import prod
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "divisors"
TITLE = "Number and sum of divisors"
TASK = "math"

_PROBLEMS = {
    ("en", "count"): (
        "How many positive divisors does {n} have?",
        "In how many ways can {n} chairs be set up in equal rows (1 row and {n} rows included)?",
        "Find the number of positive integers that divide {n}.",
    ),
    ("en", "sum"): (
        "Find the sum of all positive divisors of {n}.",
        "What do the positive divisors of {n}, 1 and {n} included, add up to?",
    ),
    ("en", "odd"): (
        "How many odd positive divisors does {n} have?",
        "Find the number of odd positive integers that divide {n}.",
    ),
    ("zh", "count"): (
        "{n} 有多少个正因数？",
        "{n} 把椅子排成每排一样多的若干排（1 排和 {n} 排也算），有多少种排法？",
        "求能整除 {n} 的正整数的个数。",
    ),
    ("zh", "sum"): (
        "求 {n} 的所有正因数之和。",
        "{n} 的全部正因数（包括 1 和 {n}）加起来等于多少？",
    ),
    ("zh", "odd"): ("{n} 有多少个奇数正因数？", "求能整除 {n} 的正奇数的个数。"),
}
_UNDERSTAND = {
    "en": ("A divisor of {n} is made of the primes of {n}, none more often than in {n}.",
           "Every divisor takes from each prime of {n} a power up to the full one."),
    "zh": ("{n} 的因数由 {n} 的质因数组成，次数不超过 {n} 中的次数。",
           "每个因数从 {n} 的每个质因数中取不超过其指数的次数。"),
}  # fmt: skip
_MODEL = {
    ("en", "count"): ("With exponents e_i there are (e_1 + 1)(e_2 + 1)… divisors.",
                      "Each prime with exponent e leaves e + 1 choices; multiply them."),
    ("en", "sum"): ("The sum is the product over the primes of 1 + p + … + p^e.",
                    "Expand the product of the sums 1 + p + … + p^e: each divisor occurs once."),
    ("en", "odd"): ("Leave out the prime 2; each odd prime with exponent e gives e + 1 choices.",
                    "Odd divisors use odd primes only: multiply their e + 1."),
    ("zh", "count"): ("若指数为 e_i，则因数有 (e_1 + 1)(e_2 + 1)… 个。",
                      "指数为 e 的质数有 e + 1 种取法，相乘即可。"),
    ("zh", "sum"): ("因数和等于各质数的 1 + p + … + p^e 之积。",
                    "把各个 1 + p + … + p^e 相乘展开，每个因数恰好出现一次。"),
    ("zh", "odd"): ("去掉质数 2，指数为 e 的奇质数有 e + 1 种取法。",
                    "奇因数只用奇质数：把它们的 e + 1 相乘。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Numbers up to 5,000 with at least four divisors."""
    kind = rng.choice(("count", "sum", "odd"))
    n = rng.randint(12, 5000)
    while len(_factors(n)) < 2 or (kind == "odd" and n % 2):
        n = rng.randint(12, 5000)
    lines, answer = _derive(kind, n)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, kind], _UNDERSTAND[language], _MODEL[language, kind]),
        {"n": n},
        "\n".join(lines),
        _verify(language, kind, n, answer),
        str(answer),
        {"kind": kind, "n": n},
    )


def _factors(n: int) -> dict[int, int]:
    found: dict[int, int] = {}
    prime = 2
    while n > 1:
        while n % prime == 0:
            found[prime] = found.get(prime, 0) + 1
            n //= prime
        prime += 1
    return found


def _derive(kind: str, n: int) -> tuple[list[str], int]:
    factors = _factors(n)
    powers = " * ".join(f"{p}^{e}" if e > 1 else str(p) for p, e in factors.items())
    lines = [f"{n} = {powers}"]
    if kind == "sum":
        sums = [(p ** (e + 1) - 1) // (p - 1) for p, e in factors.items()]
        for (p, e), total in zip(factors.items(), sums, strict=True):
            lines.append(f"{' + '.join(str(p**i) for i in range(e + 1))} = {total}")
        return [*lines, _product(sums)], prod(sums)
    choices = [e + 1 for p, e in factors.items() if kind == "count" or p > 2]
    return [*lines, _product(choices)], prod(choices)


def _product(values: list[int]) -> str:
    return f"{' * '.join(map(str, values))} = {prod(values)}"


def _verify(language: Language, kind: str, n: int, answer: int) -> str:
    """Divisors come in pairs around the root, or listed."""
    pairs = [(d, n // d) for d in range(1, n + 1) if d * d <= n and n % d == 0]
    found = [d for d in range(1, n + 1) if n % d == 0 and (kind != "odd" or d % 2)]
    if len(found) <= 12:
        shown = ", ".join(map(str, found))
        text = {"en": f"Listed: {shown}", "zh": f"逐个列出：{shown}"}[language]
    else:
        shown = ", ".join(f"{a}*{b}" for a, b in pairs[:4])
        text = {"en": f"They pair up: {shown}, …", "zh": f"成对出现：{shown}，…"}[language]
    if kind == "sum":
        return text + {"en": f"; their sum is {answer}.", "zh": f"；总和为 {answer}。"}[language]
    return text + {"en": f"; {answer} in all.", "zh": f"；共 {answer} 个。"}[language]


def check(params: Params) -> str:
    """Try every number."""
    n, kind = params["n"], params["kind"]
    found = [d for d in range(1, n + 1) if n % d == 0 and (kind != "odd" or d % 2)]
    return str(sum(found) if kind == "sum" else len(found))
