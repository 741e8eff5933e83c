"""A far term of a(n+1) = p*a(n) + q, through the shift that makes it geometric."""

from __future__ import annotations

from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "recurrences"
TITLE = "First-order linear recurrences"
TASK = "math"

_PROBLEMS = {
    "en": (
        "A sequence has a_1 = {first} and a_(n+1) = {p}*a_n {sign} {q}. Find a_{n}.",
        "Let a_1 = {first}, and for every n >= 1 let a_(n+1) = {p}*a_n {sign} {q}. What is a_{n}?",
        "A machine shows {first}. At each press it multiplies what it shows by {p} and then "
        "{verb} {q}. What does it show after {presses} presses?",
    ),
    "zh": (
        "数列满足 a_1 = {first}，a_(n+1) = {p}*a_n {sign} {q}，求 a_{n}。",
        "设 a_1 = {first}，对任意 n >= 1 有 a_(n+1) = {p}*a_n {sign} {q}。a_{n} 等于多少？",
        "一台机器显示 {first}，每按一次键就把显示的数乘以 {p} 再{verb} {q}。按 {presses} 次后"
        "显示多少？",
    ),
}
_LINES = {
    "en": ("First difference: ", "Last difference: ", "Last term: "),
    "zh": ("首项之差：", "末项之差：", "末项："),
}
_VERB = {("en", 1): "adds", ("en", -1): "subtracts", ("zh", 1): "加上", ("zh", -1): "减去"}
_UNDERSTAND = {
    "en": ("We start at {first} and need the term after {presses} steps, a_{n}.",
           "Each step maps a to {p}*a {sign} {q}; {presses} steps lead from a_1 to a_{n}."),
    "zh": ("从 {first} 出发，经过 {presses} 步得到 a_{n}。",
           "每一步把 a 变为 {p}*a {sign} {q}，从 a_1 到 a_{n} 共 {presses} 步。"),
}  # fmt: skip
_MODEL = {
    "en": ("The step fixes t with t = {p}*t {sign} {q}, so t = {t}. Then b_n = a_n - ({t}) is "
           "geometric with ratio {p}.",
           "Subtract the fixed point t = {t} (it satisfies {p}*t {sign} {q} = t): the differences "
           "b_n = a_n - ({t}) are multiplied by {p} at each step."),
    "zh": ("不动点满足 t = {p}*t {sign} {q}，解得 t = {t}。令 b_n = a_n - ({t})，则 b_n 是公比为 {p} "
           "的等比数列。",
           "减去不动点 t = {t}（它满足 {p}*t {sign} {q} = t）：b_n = a_n - ({t}) 每步乘以 {p}。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """p from 2 to 5, a whole fixed point, 4 to 10 steps."""
    p, fixed = rng.randint(2, 5), rng.choice((-1, 1)) * rng.randint(1, 9)
    first, n = rng.randint(1, 20), rng.randint(5, 11)
    while first == fixed:
        first = rng.randint(1, 20)
    q = fixed * (1 - p)
    sign = 1 if q > 0 else -1
    words = {
        "first": first, "p": p, "q": abs(q), "n": n, "presses": n - 1, "t": fixed,
        "sign": "+" if sign > 0 else "-", "verb": _VERB[language, sign],
    }  # fmt: skip
    shifted, power = first - fixed, p ** (n - 1)
    answer = shifted * power + fixed
    steps = "\n".join(
        (
            f"{_LINES[language][0]}{first} - ({fixed}) = {shifted}",
            f"{p}^{n - 1} = {power}",
            f"{_LINES[language][1]}{_signed(shifted)} * {power} = {shifted * power}",
            f"{_LINES[language][2]}{shifted * power} + ({fixed}) = {answer}",
        )
    )
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language], _UNDERSTAND[language], _MODEL[language]),
        words,
        steps,
        _verify(language, first, p, q, fixed),
        str(answer),
        {"first": first, "p": p, "q": q, "n": n},
    )


def _signed(value: int) -> str:
    return f"({value})" if value < 0 else str(value)


def _verify(language: Language, first: int, p: int, q: int, fixed: int) -> str:
    """Two steps by the rule against the formula."""
    second = p * first + q
    third = p * second + q
    rule = f"{p} * {first} + ({q}) = {second}, {p} * {_signed(second)} + ({q}) = {third}"
    formula = f"{_signed(first - fixed)} * {p}^2 + ({fixed}) = {(first - fixed) * p**2 + fixed}"
    if language == "en":
        return f"By the rule {rule}; the formula gives {formula}."
    return f"按递推 {rule}；公式给出 {formula}，一致。"


def check(params: Params) -> str:
    """Apply the rule step by step."""
    value = params["first"]
    for _ in range(params["n"] - 1):
        value = params["p"] * value + params["q"]
    return str(value)
