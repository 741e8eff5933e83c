"""A family for bench/vote.py: a number is taken through three operations, told in words.

As in `lemmata.data.tasks`, `item` makes a problem with its derivation and `check` solves it another
way. `python bench/chains.py ROWS FILE` writes training rows, with other seeds than the bench asks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from lemmata.data import examples
from lemmata.data.tasks import family as shape
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "chains"
TITLE = "A number through three operations"
TASK = "math"

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*"}
_OPENINGS = ("Start with {n}.", "Take the number {n}.", "Think of {n}.")
_STEPS = {
    "add": ("add {m}", "increase it by {m}"),
    "subtract": ("subtract {m}", "take away {m}"),
    "multiply": ("multiply by {m}",),
}
_ENDINGS = ("What is the result?", "What do you get?", "Find the number at the end.")


def item(rng: Random, language: Language) -> Item:
    """A small number times a digit, then two additions or subtractions of a digit. English only:
    `language` is what the shape of families asks for."""
    del language
    start = value = rng.randint(3, 12)
    names = ["multiply", *rng.choices(("add", "subtract"), k=2)]
    steps, lines, told = [], [], []
    for name in names:
        operand = rng.randint(3, 9)
        after = _apply(value, name, operand)
        lines.append(f"{value}{_SIGNS[name]}{operand}={after}")
        told.append(rng.choice(_STEPS[name]).format(m=operand))
        steps.append([name, operand])
        value = after
    opening = rng.choice(_OPENINGS).format(n=start)
    problem = f"{opening} {told[0].capitalize()}, {told[1]}, then {told[2]}. {rng.choice(_ENDINGS)}"
    derivation = "\n".join([*lines, f"\\boxed{{{value}}}"])
    return Item(problem, derivation, str(value), {"start": start, "steps": steps})


def _apply(value: int, name: str, operand: int) -> int:
    if name == "multiply":
        return value * operand
    return value + operand if name == "add" else value - operand


def check(params: Params) -> str:
    """By the linear function that the three operations are together."""
    slope, offset = 1, 0
    for name, operand in params["steps"]:
        factor = operand if name == "multiply" else 1
        shift = {"add": operand, "subtract": -operand, "multiply": 0}[name]
        slope, offset = slope * factor, offset * factor + shift
    return str(slope * params["start"] + offset)


def main(rows: int, path: Path) -> None:
    family = sys.modules[__name__]
    made = (shape.make(family, 1, index, "en") for index in range(rows))
    text = "".join(examples.to_line(shape.example(family, row, "en")) for row in made)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
