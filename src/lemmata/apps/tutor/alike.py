"""Submissions that share most of their text once names and layout count nothing."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lemmata.errors import MissingExtra

ALIKE = 0.9
"""Share of a submission's text, names all alike, found in the other one."""
K = 15
"""Characters that count as copied when they stand together (winnowing's noise bound)."""
COMMON = 0.5
"""What more than this share of the class has is no sign of copying."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two students and the share of the shorter submission that is found in the other, 0 to 1."""

    first: str
    second: str
    share: float


def alike(sources: Mapping[str, str], language: str = "python") -> list[Pair]:
    """Pairs that share most of their text, most first. `language` as Pygments calls it; "" for
    prose and formulas, of which only the blanks are left out.

    k-gram fingerprints over code whose names are all alike (copydetect, after Schleimer, Wilkerson
    and Aiken, "Winnowing", 2003), without what half of the class has anyway. Raises MissingExtra.
    """
    prints = {name: _print(source, language) for name, source in sources.items() if source.strip()}
    common = _common(list(prints.values()))
    pairs = []
    for (first, one), (second, other) in combinations(prints.items(), 2):
        mine, yours = one - common, other - common
        smaller = min(len(mine), len(yours))
        if smaller:
            pairs.append(Pair(first, second, len(mine & yours) / smaller))
    return sorted((p for p in pairs if p.share >= ALIKE), key=lambda p: -p.share)


def _print(source: str, language: str) -> set[int]:
    try:
        from copydetect import CodeFingerprint
    except ModuleNotFoundError:
        raise MissingExtra("copydetect", "tutor") from None
    text = source if language else "".join(source.split())
    made = CodeFingerprint(
        "submission", K, 1, filter=bool(language), language=language or None, fp=io.StringIO(text)
    )
    return set(made.hashes)


def _common(prints: Sequence[set[int]]) -> set[int]:
    """What more than COMMON of at least five submissions have."""
    if len(prints) < 5:
        return set()
    counts: dict[int, int] = defaultdict(int)
    for one in prints:
        for value in one:
            counts[value] += 1
    return {value for value, count in counts.items() if count > COMMON * len(prints)}
