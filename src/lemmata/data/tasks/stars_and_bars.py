"""Counting with stars and bars: integer solutions of x + y + z = n with every unknown >= 0 or >= 1.

The speciality that `lemmata quickstart` teaches. Its derivations are made for a very small model:
short lines, one easy step in each, and binomials few enough to be learnt.

Some pairs of sum and unknowns (`HELD_OUT`) are never drawn by `item`, under either bound;
`held_out` draws only those. What is measured on them is a problem never seen in training; its
binomial may have been, in another problem: C(12,2) ends x + y + z = 10 with zero allowed, which is
held out, and x + y + z = 13 with one or more, which is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from math import comb
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "stars-and-bars"
TITLE = "Integer solutions of a sum, by stars and bars"
TASK = "counting"

_SUMS = {(2, 0): range(2, 15), (2, 1): range(3, 17), (3, 0): range(2, 15), (3, 1): range(4, 18)}
"""Sums by number of unknowns and lower bound: so that either bound leads to the same binomials."""
HELD_OUT = {2: (5, 8, 9, 12), 3: (6, 8, 10, 14)}
"""Sums that are kept from training, by number of unknowns."""
_SHARES = (5, 12)
"""How often two and three unknowns are drawn."""
_NAMES = (
    ("x", "y", "z"), ("a", "b", "c"), ("p", "q", "r"), ("x_1", "x_2", "x_3"), ("m", "n", "k"),
    ("u", "v", "w"),
)  # fmt: skip
_PROBLEMS = {
    "en": (
        "Find the number of integer solutions to {equation} where {names} >= {least}.",
        "How many integer solutions does {equation} have with {names} >= {least}?",
        "Count the integer solutions of {equation} with {names} >= {least}.",
        "Find the number of {kind} integer solutions to {equation}.",
    ),
    "zh": (
        "求方程 {equation} 的整数解的个数，其中 {names} >= {least}。",
        "方程 {equation} 有多少组整数解（{names} >= {least}）？",
        "求方程 {equation} 的{kind}整数解的个数。",
    ),
}
_KINDS = {"en": ("nonnegative", "positive"), "zh": ("非负", "正")}
_UNDERSTAND = {
    "en": "{names}: {k} unknowns, sum {n}, each >= {least}.",
    "zh": "{names}：{k} 个数，和 {n}，每个 >= {least}。",
}
_MODEL = {
    ("en", 0): "Zero allowed: {n} stars, {k}-1={bars} bars, {n}+{bars}={places} places.",
    ("en", 1): "One or more: {n} stars, {n}-1={places} gaps, {k}-1={bars} bars.",
    ("zh", 0): "可为零：{n} 个星，{k}-1={bars} 个隔板，{n}+{bars}={places} 个位。",
    ("zh", 1): "都为正：{n} 个星，{n}-1={places} 个空，{k}-1={bars} 个隔板。",
}


def item(rng: Random, language: Language) -> Item:
    """Two or three unknowns, sums up to 17, lower bound 0 or 1; never a held-out pair."""
    return _drawn(rng, language, held=False)


def held_out(count: int, seed: int) -> tuple[Item, ...]:
    """`count` different problems of held-out pairs, drawn as training's are, one in three in Chinese;
    made from Random(seed), Random(seed + 1), … with repetitions left out."""
    return tuple(islice(_different(seed), count))


def _different(seed: int) -> Iterator[Item]:
    seen: set[str] = set()
    index = 0
    while True:
        made = _drawn(Random(seed + index), "zh" if index % 3 == 2 else "en", held=True)
        index += 1
        if made.problem not in seen:
            seen.add(made.problem)
            yield made


def _drawn(rng: Random, language: Language, held: bool) -> Item:
    k = rng.choices((2, 3), _SHARES)[0]
    pool = [(least, n) for least in (0, 1) for n in _SUMS[k, least] if (n in HELD_OUT[k]) == held]
    least, n = rng.choice(pool)
    return _item(rng, language, {"k": k, "n": n, "least": least})


def _item(rng: Random, language: Language, params: Params) -> Item:
    k, n, least = params["k"], params["n"], params["least"]
    names = rng.choice(_NAMES)[:k]
    places = n + k - 1 if least == 0 else n - 1
    words = {
        "equation": f"{' + '.join(names)} = {n}", "names": ", ".join(names), "least": least,
        "kind": _KINDS[language][least], "k": k, "n": n, "bars": k - 1, "places": places,
    }  # fmt: skip
    answer = comb(places, k - 1)
    lines = [
        _UNDERSTAND[language].format(**words),
        _MODEL[language, least].format(**words),
        _choose(places, k - 1),
        f"\\boxed{{{answer}}}",
    ]
    problem = rng.choice(_PROBLEMS[language]).format(**words)
    return Item(problem, "\n".join(lines), str(answer), dict(params))


def _choose(places: int, bars: int) -> str:
    """C(places, bars) for one or two bars, with its value."""
    if bars == 1:
        return f"C({places},1)={places}"
    return f"C({places},2)={places}×{places - 1}/2={comb(places, 2)}"


def check(params: Params) -> str:
    """Count by trying all values of all unknowns but the last."""
    k, n, least = params["k"], params["n"], params["least"]
    values = range(least, n + 1)
    return str(sum(n - sum(chosen) >= least for chosen in product(values, repeat=k - 1)))
