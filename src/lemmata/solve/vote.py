"""Grouping the answers of several derivations by their value, not by how it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Equal = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Samples (by index) whose answers are equal; `answer` is the first of them as written."""

    answer: str
    samples: tuple[int, ...]


def clusters(answers: Sequence[str | None], equal: Equal) -> list[Cluster]:
    """Equal answers together, the largest group first, ties by first appearance.

    `answers[i]` is sample i's answer, or None where it gave none; those are in no cluster.
    """
    found: list[Cluster] = []
    for sample, answer in enumerate(answers):
        if answer is None:
            continue
        at = next((i for i, known in enumerate(found) if _same(known.answer, answer, equal)), None)
        if at is None:
            found.append(Cluster(answer, (sample,)))
        else:
            found[at] = Cluster(found[at].answer, (*found[at].samples, sample))
    return sorted(found, key=lambda cluster: -len(cluster.samples))


def _same(first: str, second: str, equal: Equal) -> bool:
    return first.strip() == second.strip() or equal(first, second)
