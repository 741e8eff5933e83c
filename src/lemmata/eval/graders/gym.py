"""reasoning-gym: its own problems, scored by its own scorers.

Many of its scorers run the answer through an expression parser that evaluates Python, which model
output must never reach. So only families are taken whose scorer was read and only compares.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lemmata.errors import BadInput, MissingExtra
from lemmata.eval.graders.base import Grade, derivation_of, in_language, loops
from lemmata.eval.item import Item
from lemmata.verify import answer as answers

LONGEST = 2000
"""Characters of an answer that a scorer is shown."""
_COMPARES = frozenset({
    "calendar_arithmetic", "chain_sum", "complex_arithmetic", "decimal_chain_sum",
    "fraction_simplification", "number_format", "prime_factorization", "products", "spell_backward",
})  # fmt: skip
"""Read in 0.1.25: decimals, integers and strings are compared, nothing is evaluated. Families
that do not override the package's own comparison are taken too."""
_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)


def entries(family: str, seed: int, size: int) -> Any:
    """The `size` entries of a family. Raises MissingExtra, BadInput."""
    return _dataset(family, seed, size)


@cache
def _dataset(family: str, seed: int, size: int) -> Any:
    try:
        import reasoning_gym
        from reasoning_gym.dataset import ProceduralDataset
        from reasoning_gym.factory import DATASETS
    except ModuleNotFoundError as error:
        raise MissingExtra("reasoning-gym", "eval") from error
    if family not in DATASETS:
        raise BadInput(f"reasoning-gym has no family {family!r}", "Its gallery lists them.")
    plain = DATASETS[family][0].score_answer is ProceduralDataset.score_answer
    if not plain and family not in _COMPARES:
        raise BadInput(
            f"the scorer of reasoning-gym's {family} has not been found safe for model output",
            f"Take one of: {', '.join(sorted(_COMPARES))}.",
        )
    return reasoning_gym.create_dataset(family, seed=seed, size=size)


class GymGrader:
    """Right is a score of 1; partial credit is not."""

    def grade(self, item: Item, text: str, finished: bool) -> Grade:
        derivation = derivation_of(text)
        answer = _answer(derivation, finished)
        score = _score(item, answer) if answer else 0.0
        return Grade(
            "correct" if score >= 1 else "incorrect",
            f"score {score:.2f}" if answer else "no final answer",
            answer,
            loops=loops(text),
            same_language=in_language(item, derivation),
        )

    def fault_of_gold(self, item: Item) -> str:
        score = _score(item, item.gold)
        return "" if score >= 1 else f"scores {score:.2f} with its own scorer"

    def same(self, item: Item, answer: str, other: str) -> bool | None:
        del item
        return answer.strip().lower() == other.strip().lower()


def _score(item: Item, answer: str) -> float:
    extra = item.extra
    dataset = _dataset(str(extra["family"]), int(extra["seed"]), int(extra["size"]))
    return float(dataset.score_answer(answer[:LONGEST], dataset[int(extra["index"])]))


def _answer(derivation: str, finished: bool) -> str | None:
    """What stands in the package's own <answer> tags, else where `lemmata solve` looks, else a
    short text as a whole."""
    if tagged := _TAGGED.findall(derivation):
        return str(tagged[-1]).strip()
    found = answers.extract(derivation)
    if found and (found.where != "last line" or finished):
        return found.text
    return derivation.strip() if finished and len(derivation) < 200 else None
