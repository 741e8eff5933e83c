"""Sums of arithmetic and geometric progressions."""

from __future__ import annotations

from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "series"
TITLE = "Arithmetic and geometric sums"
TASK = "math"

_PROBLEMS = {
    ("en", "arithmetic"): (
        "Find the sum of the first {n} terms of the arithmetic sequence {first}, {second}, {third}, …",
        "A theatre has {n} rows. The first has {first} seats and each next row has {step} more. How "
        "many seats are there in all?",
        "An arithmetic progression starts with {first} and has common difference {step}. What is "
        "the sum of its first {n} terms?",
    ),
    ("en", "geometric"): (
        "Find the sum of the first {n} terms of the geometric sequence {first}, {second}, {third}, …",
        "On day 1 a shop sells {first} tickets, and each day {step} times as many as the day before. "
        "How many does it sell in {n} days?",
        "A geometric progression starts with {first} and has ratio {step}. What is the sum of its "
        "first {n} terms?",
    ),
    ("zh", "arithmetic"): (
        "求等差数列 {first}, {second}, {third}, … 的前 {n} 项和。",
        "剧场共有 {n} 排座位，第一排 {first} 个，以后每排比前一排多 {step} 个。一共有多少个座位？",
        "等差数列首项为 {first}，公差为 {step}，它的前 {n} 项之和是多少？",
    ),
    ("zh", "geometric"): (
        "求等比数列 {first}, {second}, {third}, … 的前 {n} 项和。",
        "商店第 1 天卖出 {first} 张票，以后每天是前一天的 {step} 倍。{n} 天一共卖出多少张？",
        "等比数列首项为 {first}，公比为 {step}，它的前 {n} 项之和是多少？",
    ),
}
_UNDERSTAND = {
    ("en", "arithmetic"): ("First term a = {first}, common difference d = {step}, n = {n} terms.",
                           "Each term exceeds the one before by {step}; we add {n} of them."),
    ("en", "geometric"): ("First term a = {first}, ratio r = {step}, n = {n} terms.",
                          "Each term is {step} times the one before; we add {n} of them."),
    ("zh", "arithmetic"): ("首项 a = {first}，公差 d = {step}，项数 n = {n}。",
                           "每一项比前一项多 {step}，共 {n} 项相加。"),
    ("zh", "geometric"): ("首项 a = {first}，公比 r = {step}，项数 n = {n}。",
                          "每一项是前一项的 {step} 倍，共 {n} 项相加。"),
}  # fmt: skip
_MODEL = {
    ("en", "arithmetic"): ("Pair the first term a with the last term l: the sum is n * (a + l)/2.",
                           "The mean of the terms is that of the first and the last, (a + l)/2; "
                           "multiply it by n."),
    ("en", "geometric"): ("Multiply by r and subtract: S = a * (r^n - 1)/(r - 1).",
                          "The sum telescopes under multiplication by r - 1: "
                          "S = a * (r^n - 1)/(r - 1)."),
    ("zh", "arithmetic"): ("首项 a 与末项 l 配对：和为 n * (a + l)/2。",
                           "各项的平均数等于首末两项的平均数 (a + l)/2，再乘以 n。"),
    ("zh", "geometric"): ("乘以 r 再相减：S = a * (r^n - 1)/(r - 1)。",
                          "错位相减得 S = a * (r^n - 1)/(r - 1)。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Arithmetic: up to 120 terms; geometric: ratio 2 to 6, up to 11 terms."""
    kind = rng.choice(("arithmetic", "arithmetic", "geometric"))
    if kind == "arithmetic":
        first, step, count = rng.randint(1, 60), rng.randint(2, 25), rng.randint(8, 120)
    else:
        first, step, count = rng.randint(1, 25), rng.randint(2, 6), rng.randint(4, 11)
    terms = _terms(kind, first, step, count)
    words = {"first": first, "step": step, "n": count, "second": terms[1], "third": terms[2]}
    steps, answer = _derive(kind, first, step, count)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, kind], _UNDERSTAND[language, kind], _MODEL[language, kind]),
        words,
        steps,
        _verify(language, kind, first, step),
        str(answer),
        {"kind": kind, "first": first, "step": step, "count": count},
    )


def _derive(kind: str, first: int, step: int, count: int) -> tuple[str, int]:
    if kind == "arithmetic":
        last = first + (count - 1) * step
        total = count * (first + last) // 2
        lines = [
            f"l = {first} + {count - 1} * {step} = {last}",
            f"{first} + {last} = {first + last}",
            f"S = {count} * {first + last}/2 = {total}",
        ]
        return "\n".join(lines), total
    power = step**count
    quotient = (power - 1) // (step - 1)
    lines = [
        f"{step}^{count} = {power}",
        f"({power} - 1)/({step} - 1) = {quotient}",
        f"S = {first} * {quotient} = {first * quotient}",
    ]
    return "\n".join(lines), first * quotient


def _verify(language: Language, kind: str, first: int, step: int) -> str:
    """The formula on four terms against adding them up."""
    terms = _terms(kind, first, step, 4)
    total = sum(terms)
    added = " + ".join(map(str, terms))
    _, formula = _derive(kind, first, step, 4)
    if language == "en":
        return f"For four terms {added} = {total}, and the formula also gives {formula}."
    return f"取前四项：{added} = {total}，公式同样给出 {formula}。"


def _terms(kind: str, first: int, step: int, count: int) -> list[int]:
    terms = [first]
    while len(terms) < count:
        terms.append(terms[-1] + step if kind == "arithmetic" else terms[-1] * step)
    return terms


def check(params: Params) -> str:
    """Add the terms one by one."""
    return str(sum(_terms(params["kind"], params["first"], params["step"], params["count"])))
