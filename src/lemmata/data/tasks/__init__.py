"""Task families: problems made and checked by machine, one family a file (`family` has the shape).

`lemmata data prepare task:vieta:2000` makes 2,000 different problems of one; a set such as
`task:competition` takes equally many of each of its families.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.data.row import Sample
from lemmata.data.tally import Tally
from lemmata.data.tasks import family as shape
from lemmata.data.tasks.catalog import FAMILIES, SETS
from lemmata.data.tasks.family import Family, Item
from lemmata.errors import BadData
from lemmata.prompts.language import Language

COUNT = 1000
"""Problems of each family where the argument names no number."""
_PATIENCE = 200
"""Repeats in a row after which a family counts as exhausted."""


def find(name: str) -> tuple[Family, ...]:
    """The families of a name, which may be that of a set. Raises BadData with the nearest name."""
    if name in SETS:
        return tuple(FAMILIES[member] for member in SETS[name])
    if name in FAMILIES:
        return (FAMILIES[name],)
    names = [*FAMILIES, *SETS]
    near = difflib.get_close_matches(name, names, 1)
    raise BadData(
        f"there is no task family {name!r}",
        f"Did you mean {near[0]!r}?" if near else "`lemmata data tasks` lists them.",
    )


def unique(
    family: Family, count: int, seed: int, languages: Sequence[Language]
) -> Iterator[tuple[int, Language, Item]]:
    """`count` different problems with their index, the languages in turn.

    Raises BadData where the family has no more.
    """
    seen: set[str] = set()
    index = repeats = 0
    while len(seen) < count:
        language = languages[index % len(languages)]
        item = shape.make(family, seed, index, language)
        if item.problem in seen:
            repeats += 1
        else:
            repeats = 0
            seen.add(item.problem)
            yield index, language, item
        if repeats > _PATIENCE:
            raise BadData(
                f"{family.NAME} has no {count} different problems, about {len(seen)}",
                f"Ask for fewer: task:{family.NAME}:{len(seen)}",
            )
        index += 1


@dataclass(frozen=True, slots=True)
class TaskSource:
    """`count` problems of one family as a source of samples."""

    family: Family
    count: int
    seed: int
    languages: tuple[Language, ...]

    @classmethod
    def open(cls, spec: str, seed: int, languages: Sequence[str]) -> Iterator[TaskSource]:
        """The sources of `task:NAME[:COUNT]`. Raises BadData."""
        _, name, *rest = spec.split(":")
        if len(rest) > 1 or (rest and not rest[0].isdecimal()) or rest == ["0"]:
            raise BadData(f"{spec!r} is no task", "Write task:NAME or task:NAME:COUNT.")
        families = find(name)
        spoken: tuple[Language, ...] = ("en", "zh")
        wanted = tuple(language for language in spoken if language in languages) or spoken
        count = int(rest[0]) // len(families) if rest else COUNT
        for family in families:
            yield cls(family, max(1, count), seed, wanted)

    @property
    def name(self) -> str:
        return f"task:{self.family.NAME}"

    def samples(self, tally: Tally) -> Iterator[Sample]:
        for index, language, item in unique(self.family, self.count, self.seed, self.languages):
            tally.rows += 1
            tally.examples += 1
            yield Sample(self.name, index, shape.example(self.family, item, language))

    def about(self) -> dict[str, Any]:
        return {
            "source": self.name,
            "count": self.count,
            "seed": self.seed,
            "languages": list(self.languages),
        }
