"""What a gate asks: problems of the target with gold answers, and what must not be forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from lemmata.data.examples import problem
from lemmata.data.framing import frame
from lemmata.data.languages import spoken
from lemmata.data.tasks import TaskSource, stars_and_bars
from lemmata.data.tasks.family import example
from lemmata.errors import BadData
from lemmata.prompts.language import detect
from lemmata.train import samples
from lemmata.train.recipe import GENERAL, Recipe
from lemmata.types import Example, Message
from lemmata.verify.math import verify_math

SEED_OF_GATES = 1_000_000
"""Machine-made problems of a gate are drawn so far behind those of training."""


@dataclass(frozen=True, slots=True)
class Question:
    """`messages` as serving sends them. Right is an answer equal to `gold`, or where there is none
    a text that says one of `says`."""

    messages: tuple[Message, ...]
    text: str
    gold: str | None = None
    says: tuple[str, ...] = ()

    def right(self, answer: str) -> bool:
        if self.gold is not None:
            return verify_math(answer, self.gold).state == "correct"
        return any(_is_said(word, answer) for word in self.says)

    def in_its_language(self, answer: str) -> bool:
        """A text of formulas alone is in every language."""
        return spoken(answer) in {spoken(self.text), "none"}


def _is_said(word: str, answer: str) -> bool:
    """As a word of its own; Chinese has no spaces to tell by."""
    if re.search(r"[\u3400-\u9fff]", word):
        return word in answer
    return bool(re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", answer, re.IGNORECASE))


Sets = tuple[tuple[Question, ...], tuple[Question, ...]]
"""The target's questions and the retention's."""


def sets(recipe: Recipe, seen: frozenset[str]) -> Sets | None:
    """Both, None where the recipe names no target and so has no gates. Raises BadData."""
    return (target(recipe, seen), retention(recipe, seen)) if recipe.target else None


def target(recipe: Recipe, seen: frozenset[str]) -> tuple[Question, ...]:
    """The problems of `recipe.target` that no row is about. Raises BadData where none is left."""
    return _chosen(recipe.target, recipe, seen)


def retention(recipe: Recipe, seen: frozenset[str]) -> tuple[Question, ...]:
    """What `recipe.retention` names. Raises BadData."""
    shipped = _spread(_general(), recipe.gate_problems) if GENERAL in recipe.retention else ()
    named = [name for name in recipe.retention if name != GENERAL]
    return (*shipped, *_chosen(named, recipe, seen)) if named else shipped


def _general() -> tuple[Question, ...]:
    """Bare questions, as people ask them who do not know of any role."""
    lines = (files("lemmata.train") / "gate_general.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    return tuple(
        Question((Message("user", one["ask"]),), one["ask"], says=tuple(one["says"].split("|")))
        for one in told
    )


def _chosen(names: Sequence[str], recipe: Recipe, seen: frozenset[str]) -> tuple[Question, ...]:
    found: dict[str, Question] = {}
    for name in names:
        for row in _rows(name, recipe):
            about = samples.about_what(row)
            if about not in seen and row.meta.get("gold") is not None:
                text = problem(row)
                found.setdefault(text, _question(row, recipe.role))
    if not found:
        raise BadData(
            f"{', '.join(names)} has no problem with a gold answer that no row is about",
            "Name other problems: heldout.jsonl of `lemmata data prepare`, or task:NAME:COUNT.",
        )
    return _spread(list(found.values()), recipe.gate_problems)


def _rows(name: str, recipe: Recipe) -> Iterable[Example]:
    if name.partition(":")[2].partition(":")[0] == stars_and_bars.NAME:
        # This family keeps some instances from training by itself.
        (source,) = TaskSource.open(name, recipe.data_seed, recipe.languages)
        count = source.count if name.count(":") == 2 else recipe.gate_problems
        items = stars_and_bars.held_out(count, recipe.data_seed + SEED_OF_GATES)
        return [example(stars_and_bars, item, detect(item.problem)) for item in items]
    other = replace(recipe, data_seed=recipe.data_seed + SEED_OF_GATES)
    return (sample.example for sample in samples.read(name, other))


def _question(row: Example, role: str | None) -> Question:
    return Question(frame(row, role).messages, problem(row), str(row.meta["gold"]))


def _spread(questions: Sequence[Question], most: int) -> tuple[Question, ...]:
    """At most so many, taken evenly, so that every family of a set has its share."""
    if len(questions) <= most:
        return tuple(questions)
    return tuple(questions[index * len(questions) // most] for index in range(most))
