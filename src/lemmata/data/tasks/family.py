"""The one shape of a task family: problem, generator and machine check in one file.

A family is a module with

    NAME    as in `task:NAME`
    TITLE   one line for people, in English
    TASK    the kind of problem, which chooses the role ("math", "counting", "code")
    def item(rng: Random, language: Language) -> Item
    def check(params: Params) -> str        the answer again, by brute force or another method

Item number `index` of seed `seed` is made from `Random(seed + index)` and nothing else. Its
derivation goes understand → model → derive → verify and ends with the boxed answer; every text is
worded in several ways, in English and in Chinese. `params` is the mathematical instance without
its wording: items with equal params are twins, whatever their language.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lemmata.prompts.language import Language
from lemmata.types import Example, Message

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One problem with its derivation. `tests` are (stdin, stdout) pairs, for programs only."""

    problem: str
    derivation: str
    answer: str
    params: Params
    tests: Sequence[tuple[str, str]] = ()


class Family(Protocol):
    """What a family module offers."""

    NAME: str
    TITLE: str
    TASK: str

    def item(self, rng: random.Random, language: Language) -> Item: ...

    def check(self, params: Params) -> str: ...


def make(family: Family, seed: int, index: int, language: Language) -> Item:
    """Item `index` of a seed; the same everywhere and always."""
    return family.item(random.Random(seed + index), language)


def group(family: Family, item: Item) -> str:
    """Names the instance: equal for twins in other words, another language or with other tests."""
    instance = {key: value for key, value in item.params.items() if key != "inputs"}
    return f"{family.NAME} {json.dumps(instance, sort_keys=True)}"


def example(family: Family, item: Item, language: Language) -> Example:
    """The training row of an item."""
    meta: dict[str, Any] = {
        "gold": item.answer,
        "task": family.TASK,
        "family": family.NAME,
        "language": language,
        "group": group(family, item),
    }
    if item.tests:
        del meta["gold"]  # a program is judged by its tests
        meta["tests"] = [{"stdin": given, "stdout": wanted} for given, wanted in item.tests]
    return Example((Message("user", item.problem),), item.derivation, meta)
