"""Probabilities with urns and dice, as reduced fractions m/n of which m + n is asked."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from math import comb
from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "urns-and-dice"
TITLE = "Probabilities with urns and dice"
TASK = "counting"

_ASK = {
    "en": (
        " The probability is m/n in lowest terms. Find m + n.",
        " Write the probability as a reduced fraction m/n and give m + n.",
    ),
    "zh": ("把概率写成最简分数 m/n，求 m + n。", "概率为最简分数 m/n，m + n 等于多少？"),
}
_PROBLEMS = {
    ("en", "urn"): (
        "An urn holds {r} red and {b} blue balls. {k} are drawn without replacement. What is the "
        "probability that exactly {j} of them are red?",
        "From a class of {r} girls and {b} boys a team of {k} is drawn at random. What is the "
        "probability that it has exactly {j} girls?",
        "A box has {r} good and {b} faulty lamps, and {k} lamps are taken at random. What is the "
        "probability that exactly {j} are good?",
    ),
    ("zh", "urn"): (
        "袋中有 {r} 个红球和 {b} 个蓝球，不放回地取出 {k} 个，恰有 {j} 个红球的概率是多少？",
        "班上有 {r} 名女生和 {b} 名男生，随机选出 {k} 人组队，恰有 {j} 名女生的概率是多少？",
        "盒中有 {r} 只好灯泡和 {b} 只坏灯泡，随机取出 {k} 只，恰有 {j} 只好灯泡的概率是多少？",
    ),
    ("en", "dice"): (
        "Two fair dice, one with faces 1 to {f} and one with faces 1 to {g}, are rolled. What is the "
        "probability that the sum is {s}?",
        "A fair {f}-sided die and a fair {g}-sided die (faces numbered from 1) are thrown together. "
        "How likely is a total of {s}?",
    ),
    ("zh", "dice"): (
        "掷两个均匀的骰子，一个有 1 到 {f} 点，另一个有 1 到 {g} 点。点数之和为 {s} 的概率是多少？",
        "同时掷一个 {f} 面骰子和一个 {g} 面骰子（点数都从 1 开始），总点数为 {s} 的概率是多少？",
    ),
}
_UNDERSTAND = {
    ("en", "urn"): ("All choices of {k} out of {total} are equally likely; {j} come from the {r}.",
                    "We draw {k} of {total}; favourable are {j} of the {r} and {o} of the {b}."),
    ("en", "dice"): ("All {f} * {g} pairs of faces are equally likely.",
                     "A result is a pair (x, y) with 1 <= x <= {f}, 1 <= y <= {g}, x + y = {s}."),
    ("zh", "urn"): ("从 {total} 个中取 {k} 个的所有取法等可能，其中 {j} 个来自那 {r} 个。",
                    "取 {k} 个：有利情形是 {r} 个中取 {j} 个、{b} 个中取 {o} 个。"),
    ("zh", "dice"): ("{f} * {g} 种点数对等可能。",
                     "结果是满足 1 <= x <= {f}、1 <= y <= {g}、x + y = {s} 的数对 (x, y)。"),
}  # fmt: skip
_MODEL = {
    ("en", "urn"): ("P = C({r}, {j}) * C({b}, {o}) / C({total}, {k}).",
                    "Favourable over possible: C({r}, {j}) * C({b}, {o}) over C({total}, {k})."),
    ("en", "dice"): ("y = {s} - x must lie between 1 and {g}, so {lo} <= x <= {hi}.",
                     "Count the x for which y = {s} - x is a face: {lo} <= x <= {hi}."),
    ("zh", "urn"): ("P = C({r}, {j}) * C({b}, {o}) / C({total}, {k})。",
                    "有利除以总数：C({r}, {j}) * C({b}, {o}) 除以 C({total}, {k})。"),
    ("zh", "dice"): ("y = {s} - x 必须在 1 到 {g} 之间，所以 {lo} <= x <= {hi}。",
                     "数一数使 y = {s} - x 是合法点数的 x：{lo} <= x <= {hi}。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Urns of up to 18 balls, dice of 4 to 20 faces."""
    if rng.random() < 0.6:
        words, lines, value, params = _urn(rng)
    else:
        words, lines, value, params = _dice(rng)
    kind, m, n = str(params["kind"]), value.numerator, value.denominator
    lines.append(f"m + n = {m} + {n} = {m + n}")
    return Item(
        rng.choice(_PROBLEMS[language, kind]).format(**words) + rng.choice(_ASK[language]),
        wording.derivation(
            rng,
            language,
            (
                rng.choice(_UNDERSTAND[language, kind]).format(**words),
                rng.choice(_MODEL[language, kind]).format(**words),
                "\n".join(lines),
                _verify(language, params, value),
            ),
            str(m + n),
        ),
        str(m + n),
        params,
    )


def _urn(rng: Random) -> tuple[dict[str, int], list[str], Fraction, dict[str, object]]:
    r, b = rng.randint(2, 9), rng.randint(2, 9)
    k = rng.randint(2, min(5, r + b - 1))
    j = rng.randint(max(0, k - b), min(k, r))
    ways, other, possible = comb(r, j), comb(b, k - j), comb(r + b, k)
    value = Fraction(ways * other, possible)
    lines = [
        wording.choose(r, j),
        wording.choose(b, k - j),
        f"{ways} * {other} = {ways * other}",
        wording.choose(r + b, k),
        f"{ways * other}/{possible} = {value.numerator}/{value.denominator}",
    ]
    words = {"r": r, "b": b, "k": k, "j": j, "o": k - j, "total": r + b}
    return words, lines, value, {"kind": "urn", "red": r, "blue": b, "drawn": k, "wanted": j}


def _dice(rng: Random) -> tuple[dict[str, int], list[str], Fraction, dict[str, object]]:
    f, g = rng.randint(4, 20), rng.randint(4, 20)
    s = rng.randint(3, f + g - 1)
    low, high = max(1, s - g), min(f, s - 1)
    count = high - low + 1
    value = Fraction(count, f * g)
    lines = [
        f"{high} - {low} + 1 = {count}",
        f"{f} * {g} = {f * g}",
        f"{count}/{f * g} = {value.numerator}/{value.denominator}",
    ]
    words = {"f": f, "g": g, "s": s, "lo": low, "hi": high}
    return words, lines, value, {"kind": "dice", "faces": [f, g], "sum": s}


def _verify(language: Language, params: Params, value: Fraction) -> str:
    """Another road: all outcomes of an urn add up; a die's pairs can be listed."""
    if params["kind"] == "urn":
        r, b, k = params["red"], params["blue"], params["drawn"]
        reds = range(max(0, k - b), min(k, r) + 1)
        terms = [comb(r, j) * comb(b, k - j) for j in reds]
        total = f"{' + '.join(map(str, terms))} = {sum(terms)}"
        if language == "en":
            return f"Over all numbers of that colour {total}, which is C({r + b}, {k})."
        return f"对所有可能的个数求和：{total}，正好是 C({r + b}, {k})。"
    f, g = params["faces"]
    pairs = [(x, params["sum"] - x) for x in range(1, f + 1) if 1 <= params["sum"] - x <= g]
    ends = f"{pairs[0]} … {pairs[-1]}" if len(pairs) > 1 else f"{pairs[0]}"
    ratio = f"{len(pairs)}/{f * g} = {value.numerator}/{value.denominator}"
    return f"The pairs {ends}: {ratio}." if language == "en" else f"数对为 {ends}：{ratio}。"


def check(params: Params) -> str:
    """Go through every draw, or every throw."""
    if params["kind"] == "urn":
        balls = [1] * params["red"] + [0] * params["blue"]
        draws = [sum(draw) for draw in combinations(balls, params["drawn"])]
        value = Fraction(draws.count(params["wanted"]), len(draws))
    else:
        throws = [sum(throw) for throw in product(*(range(1, f + 1) for f in params["faces"]))]
        value = Fraction(throws.count(params["sum"]), len(throws))
    return str(value.numerator + value.denominator)
