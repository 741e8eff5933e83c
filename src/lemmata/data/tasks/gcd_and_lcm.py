"""Greatest common divisors by Euclid, least common multiples from them."""

from __future__ import annotations

from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "gcd-and-lcm"
TITLE = "Greatest common divisor and least common multiple"
TASK = "math"

_PROBLEMS = {
    ("en", "gcd"): (
        "Find the greatest common divisor of {a} and {b}.",
        "{a} pencils and {b} notebooks are to be packed into as many equal parcels as possible, with "
        "nothing left over. How many parcels?",
        "A floor of {a} cm by {b} cm is tiled with equal squares, as large as possible. How long is "
        "the side of a tile in centimetres?",
    ),
    ("en", "lcm"): (
        "Find the least common multiple of {a} and {b}.",
        "Two lights flash together, then every {a} and every {b} seconds. After how many seconds do "
        "they next flash together?",
        "One bus leaves every {a} minutes, another every {b} minutes, and both leave now. In how many "
        "minutes do they next leave together?",
    ),
    ("zh", "gcd"): (
        "求 {a} 和 {b} 的最大公约数。",
        "把 {a} 支铅笔和 {b} 本笔记本平均分成尽可能多的份，没有剩余，最多分成多少份？",
        "用同样大小的正方形瓷砖铺满长 {a} 厘米、宽 {b} 厘米的地面，瓷砖边长最大是多少厘米？",
    ),
    ("zh", "lcm"): (
        "求 {a} 和 {b} 的最小公倍数。",
        "两盏灯同时闪烁后，分别每 {a} 秒和每 {b} 秒闪一次，多少秒后再次同时闪烁？",
        "甲车每 {a} 分钟发一班，乙车每 {b} 分钟发一班，现在同时发车，多少分钟后再次同时发车？",
    ),
}
_UNDERSTAND = {
    ("en", "gcd"): ("We need the largest number that divides both {a} and {b}.",
                    "The wanted number divides {a} and {b} and is as large as possible."),
    ("en", "lcm"): ("We need the smallest number that both {a} and {b} divide.",
                    "The wanted number is the first common multiple of {a} and {b}."),
    ("zh", "gcd"): ("要求同时整除 {a} 和 {b} 的最大的数。", "所求的数是 {a} 与 {b} 的最大公约数。"),
    ("zh", "lcm"): ("要求能同时被 {a} 和 {b} 整除的最小正整数。",
                    "所求的数是 {a} 与 {b} 的第一个公倍数。"),
}  # fmt: skip
_MODEL = {
    ("en", "gcd"): ("Euclid: divide with remainder until the remainder is 0.",
                    "A common divisor also divides the remainder, so divide again and again."),
    ("en", "lcm"): ("lcm(a, b) = a * b / gcd(a, b), and Euclid gives the gcd.",
                    "First the gcd by Euclid; the lcm is the product divided by it."),
    ("zh", "gcd"): ("辗转相除，直到余数为 0。", "公约数也整除余数，所以反复做带余除法。"),
    ("zh", "lcm"): ("lcm(a, b) = a * b / gcd(a, b)，最大公约数用辗转相除求。",
                    "先用辗转相除求最大公约数，再用乘积除以它。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """A common factor up to 60, cofactors up to 30."""
    kind, factor = rng.choice(("gcd", "lcm")), rng.randint(1, 60)
    a, b = (factor * cofactor for cofactor in rng.sample(range(2, 31), 2))
    words = {"a": a, "b": b}
    lines, answer = _derive(kind, a, b)
    return wording.worded(
        rng,
        language,
        (_PROBLEMS[language, kind], _UNDERSTAND[language, kind], _MODEL[language, kind]),
        words,
        "\n".join(lines),
        _verify(language, kind, a, b, answer),
        str(answer),
        {"kind": kind, "a": a, "b": b},
    )


def _derive(kind: str, a: int, b: int) -> tuple[list[str], int]:
    lines, (big, small) = [], (max(a, b), min(a, b))
    while small:
        lines.append(f"{big} = {big // small} * {small} + {big % small}")
        big, small = small, big % small
    lines.append(f"gcd({a}, {b}) = {big}")
    if kind == "gcd":
        return lines, big
    lines += [f"{a}/{big} = {a // big}", f"{a // big} * {b} = {a // big * b}"]
    return lines, a // big * b


def _verify(language: Language, kind: str, a: int, b: int, answer: int) -> str:
    if kind == "gcd":
        x, y = a // answer, b // answer
        parts = f"{a} = {answer} * {x}, {b} = {answer} * {y}"
        if language == "en":
            return f"{parts}, and {x} and {y} have no common factor."
        return f"{parts}，而 {x} 与 {y} 互质。"
    x, y = answer // a, answer // b
    parts = f"{answer} = {a} * {x}, {answer} = {b} * {y}"
    if language == "en":
        return f"{parts}, and {x} and {y} have no common factor, so nothing smaller will do."
    return f"{parts}，而 {x} 与 {y} 互质，所以不能更小。"


def check(params: Params) -> str:
    """The largest number that divides both; the first multiple that fits."""
    a, b = params["a"], params["b"]
    if params["kind"] == "gcd":
        return str(max(d for d in range(1, min(a, b) + 1) if a % d == 0 and b % d == 0))
    return str(next(m for m in range(a, a * b + 1, a) if m % b == 0))
