"""How the families put their derivations into words: one frame, many sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import comb
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

_HEADS = {
    "en": ("Understand", "Model", "Derive", "Verify"),
    "zh": ("理解", "建模", "推导", "验证"),
}
_COLON = {"en": ": ", "zh": "："}
_CLOSING = {
    "en": ("The answer is {}.", "So the answer is {}.", "Therefore the answer is {}."),
    "zh": ("答案是 {}。", "所以答案是 {}。", "因此答案是 {}。"),
}


def worded(
    rng: Random,
    language: Language,
    texts: tuple[Sequence[str], Sequence[str], Sequence[str]],
    words: Mapping[str, object],
    derived: str,
    verified: str,
    answer: str,
    params: Params,
) -> Item:
    """An item whose problem, understanding and model are drawn from `texts`, in that order, with
    `words` put in."""
    problem, understood, modelled = (rng.choice(text).format(**words) for text in texts)
    steps = (understood, modelled, derived, verified)
    return Item(problem, derivation(rng, language, steps, answer), answer, params)


def derivation(
    rng: Random, language: Language, steps: tuple[str, str, str, str], answer: str
) -> str:
    """Understand, model, derive, verify, each headed, then the boxed answer."""
    colon = _COLON[language]
    parts = [f"{head}{colon}{step}" for head, step in zip(_HEADS[language], steps, strict=True)]
    closing = rng.choice(_CLOSING[language]).format(f"\\boxed{{{answer}}}")
    return "\n".join([*parts, closing])


def listed(items: Iterable[object], language: Language) -> str:
    """ "3, 5 and 7", or "3、5 和 7"."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    comma, last = (", ", " and ") if language == "en" else ("、", " 和 ")
    return comma.join(words[:-1]) + last + words[-1]


def choose(n: int, k: int) -> str:
    """ "C(5, 2) = 10"."""
    return f"C({n}, {k}) = {comb(n, k)}"
