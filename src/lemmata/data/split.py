"""Train and held-out rows: seeded, and whole clusters only, so that no twin straddles the split."""

from __future__ import annotations

import random
from collections.abc import Sequence

from lemmata.errors import BadData


def held_out(clusters: Sequence[int], share: float, seed: int) -> list[bool]:
    """For each row whether it is held out: about `share` (0 to 1) of the rows.

    Clusters are drawn in a seeded order and taken while they fit; one larger than all that is to be
    held out stays in training. Raises BadData where either part would be empty.
    """
    wanted = round(share * len(clusters)) or (1 if share > 0 else 0)
    if not wanted:
        return [False] * len(clusters)
    sizes: dict[int, int] = {}
    for cluster in clusters:
        sizes[cluster] = sizes.get(cluster, 0) + 1
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    taken: set[int] = set()
    for cluster in order:
        if sizes[cluster] <= wanted:
            taken.add(cluster)
            wanted -= sizes[cluster]
    _refuse_empty(len(taken), len(sizes), max(sizes.values()), len(clusters))
    return [cluster in taken for cluster in clusters]


def _refuse_empty(taken: int, clusters: int, largest: int, rows: int) -> None:
    if taken == clusters:
        raise BadData(
            "the split leaves nothing to train on", "Give more rows, or a smaller --split."
        )
    if not taken:
        raise BadData(
            f"nothing can be held out without a twin: {largest} of {rows} rows vary one template",
            "Raise --near (0.95), give the rows a 'group' column, or hold out a file of your own.",
        )
