"""Prime factorisations, counts of primes in a range, and the exponent of a prime in n!."""

from __future__ import annotations

from math import factorial, isqrt
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "primes"
TITLE = "Prime factors, primes in a range, primes in a factorial"
TASK = "math"

_PROBLEMS = {
    ("en", "largest"): (
        "What is the largest prime factor of {n}?",
        "Find the greatest prime that divides {n}.",
    ),
    ("en", "between"): (
        "How many primes lie between {a} and {b}, ends included?",
        "Find the number of prime numbers p with {a} <= p <= {b}.",
    ),
    ("en", "factorial"): (
        "What is the largest k for which {p}^k divides {n}!?",
        "How often does the prime {p} occur in the factorisation of {n}! = 1 * 2 * … * {n}?",
    ),
    ("zh", "largest"): ("{n} 的最大质因数是多少？", "求能整除 {n} 的最大质数。"),
    ("zh", "between"): (
        "从 {a} 到 {b}（包括两端）有多少个质数？",
        "求满足 {a} <= p <= {b} 的质数 p 的个数。",
    ),
    ("zh", "factorial"): (
        "使 {p}^k 整除 {n}! 的最大的 k 是多少？",
        "在 {n}! = 1 * 2 * … * {n} 的质因数分解中，质数 {p} 出现多少次？",
    ),
}
_UNDERSTAND = {
    ("en", "largest"): ("We factor {n} completely and take its largest prime.",
                        "Every prime factor of {n} is needed, the largest is the answer."),
    ("en", "between"): ("We test each number from {a} to {b}.",
                        "A number counts when it has no divisor but 1 and itself."),
    ("en", "factorial"): ("We count the factors {p} in all the numbers from 1 to {n}.",
                          "Multiples of {p} give one factor each, multiples of {p}^2 one more, …"),
    ("zh", "largest"): ("把 {n} 完全分解质因数，取最大的一个。", "先求出 {n} 的所有质因数。"),
    ("zh", "between"): ("逐个检验 {a} 到 {b} 的数。", "只有 1 和自身两个因数的数才计入。"),
    ("zh", "factorial"): ("统计 1 到 {n} 各数中因子 {p} 的总个数。",
                          "{p} 的倍数各贡献一个，{p}^2 的倍数再各贡献一个，依此类推。"),
}  # fmt: skip
_MODEL = {
    ("en", "largest"): ("Divide by the smallest prime that fits, as long as possible.",
                        "Split off one prime after another, beginning with the smallest."),
    ("en", "between"): ("A composite number up to {b} has a prime factor of at most {root}.",
                        "It is enough to try the primes up to {root}, the whole part of the root of {b}."),
    ("en", "factorial"): ("Legendre: add up how many multiples of {p}, of {p}^2, of {p}^3, … there are.",
                          "Divide {n} by {p}, {p}^2, … and add up the quotients (Legendre's formula)."),
    ("zh", "largest"): ("从最小的质数开始，能除则除。", "由小到大逐个除去质因数。"),
    ("zh", "between"): ("不超过 {b} 的合数必有不超过 {root} 的质因数。",
                        "只需试除不超过 {root} 的质数，{root} 是 {b} 的平方根的整数部分。"),
    ("zh", "factorial"): ("勒让德公式：把 {p}、{p}^2、{p}^3 … 的倍数的个数相加。",
                          "用 {n} 依次除以 {p}、{p}^2 …，把商相加（勒让德公式）。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Numbers up to 9,999; ranges of up to 30; factorials up to 400!."""
    kind = rng.choice(("largest", "between", "factorial"))
    a = rng.randint(2, 400)
    choices: dict[str, dict[str, int]] = {
        "largest": {"n": _composite(rng)},
        "between": {"a": a, "b": a + rng.randint(10, 30)},
        "factorial": {"n": rng.randint(20, 400), "p": rng.choice((2, 3, 5, 7, 11, 13))},
    }
    params = choices[kind]
    words = params | {"root": isqrt(params.get("b", 0))}
    lines, verify, answer = _DERIVE[kind](language, params)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, kind], _UNDERSTAND[language, kind], _MODEL[language, kind]),
        words,
        "\n".join(lines),
        verify,
        str(answer),
        {"kind": kind} | params,
    )


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, isqrt(n) + 1))


def _composite(rng: Random) -> int:
    n = rng.randint(60, 9999)
    while _is_prime(n):
        n = rng.randint(60, 9999)
    return n


def _largest(language: Language, params: Params) -> tuple[list[str], str, int]:
    lines, primes, rest = [], [], params["n"]
    divisor = 2
    while not _is_prime(rest):
        while rest % divisor:
            divisor += 1
        lines.append(f"{rest} = {divisor} * {rest // divisor}")
        primes.append(divisor)
        rest //= divisor
    primes.append(rest)
    product = f"{' * '.join(map(str, primes))} = {params['n']}"
    verify = {"en": f"{product}, and {rest} is prime.", "zh": f"{product}，且 {rest} 是质数。"}
    return lines, verify[language], rest


def _between(language: Language, params: Params) -> tuple[list[str], str, int]:
    numbers = range(params["a"], params["b"] + 1)
    primes = [n for n in numbers if _is_prime(n)]
    odd = [n for n in numbers if n % 2 and n > 1 and not _is_prime(n)]
    least = {n: next(d for d in range(2, n) if n % d == 0) for n in odd}
    lines = [f"{n} = {d} * {n // d}" for n, d in least.items()]
    shown = ", ".join(map(str, primes)) or "-"
    even = sum(1 for n in numbers if n % 2 == 0 and n > 2)
    ones = sum(1 for n in numbers if n == 1)
    counted = f"{len(numbers)} - {even} - {len(odd) + ones} = {len(primes)}"
    lines.append({"en": f"Primes: {shown}", "zh": f"质数：{shown}"}[language])
    verify = {
        "en": f"Numbers in all, less the even composites, less the odd composites: {counted}.",
        "zh": f"总个数减去偶合数，再减去奇合数：{counted}。",
    }
    return lines, verify[language], len(primes)


def _factorial(language: Language, params: Params) -> tuple[list[str], str, int]:
    n, p = params["n"], params["p"]
    counts, power = [], p
    lines = []
    while power <= n:
        counts.append(n // power)
        lines.append(f"{n} = {power} * {n // power} + {n % power}")
        power *= p
    total = sum(counts)
    if len(counts) > 1:
        lines.append(f"{' + '.join(map(str, counts))} = {total}")
    digits, rest = [], n
    while rest:
        digits.append(rest % p)
        rest //= p
    s = sum(digits)
    ratio = f"({n} - {s})/({p} - 1) = {total}"
    verify = {
        "en": f"In base {p} the digits of {n} add up to {s}, and {ratio}.",
        "zh": f"{n} 的 {p} 进制各位数字之和为 {s}，而 {ratio}。",
    }
    return lines, verify[language], total


_DERIVE = {"largest": _largest, "between": _between, "factorial": _factorial}


def check(params: Params) -> str:
    """Try every number; divide the factorial itself."""
    if params["kind"] == "largest":
        n = params["n"]
        primes = (d for d in range(n, 1, -1) if n % d == 0 and all(d % e for e in range(2, d)))
        return str(next(primes))
    if params["kind"] == "between":
        numbers = range(params["a"], params["b"] + 1)
        return str(sum(n > 1 and all(n % e for e in range(2, n)) for n in numbers))
    value, count = factorial(params["n"]), 0
    while value % params["p"] == 0:
        value, count = value // params["p"], count + 1
    return str(count)
