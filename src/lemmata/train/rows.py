"""Rows of token ids: which go together in a step, and in a pack. Without torch, for plans."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HEAD_ROWS = 256
"""Labelled tokens whose logits are in memory at a time: enough for full matrix speed, and a
vocabulary of 150,000 takes 150 MB."""


@dataclass(frozen=True, slots=True)
class Row:
    """A rendered sample: token `ids`; those from index `start` on are learnt. 0 < start < len.

    `steps` numbers the derivation step that each learnt token is of, from 0 and never falling.
    """

    ids: tuple[int, ...]
    start: int
    steps: tuple[int, ...]


def shared_prefix(rows: Sequence[Row]) -> int:
    """How many first tokens all rows have in common, ending before any token that predicts a label.

    0 for a single row, which has nobody to share with.
    """
    if len(rows) < 2:
        return 0
    most = min(row.start for row in rows) - 1
    first, last = min(row.ids for row in rows), max(row.ids for row in rows)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), most)
    return min(same, most)


def groups(rows: Sequence[Row], pack_tokens: int) -> list[list[Row]]:
    """The rows of one step in as few packs as fit, in their order; a longer row is one alone."""
    found: list[list[Row]] = []
    for row in rows:
        if found and size([*found[-1], row]) <= pack_tokens:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def size(rows: Sequence[Row]) -> int:
    """Tokens of one pack of these rows."""
    return sum(len(row.ids) for row in rows) - (len(rows) - 1) * shared_prefix(rows)


def schedule(count: int, rows_per_step: int, epochs: int, seed: int) -> list[tuple[int, ...]]:
    """Row numbers of every step: each epoch shuffled by its own seed, the last step of an epoch
    smaller where the rows do not divide. A pure function, so that a resumed run continues it."""
    return [step for epoch in range(epochs) for step in _epoch(count, rows_per_step, seed, epoch)]


def _epoch(count: int, rows_per_step: int, seed: int, epoch: int) -> Iterator[tuple[int, ...]]:
    order = list(range(count))
    random.Random(f"{seed}-{epoch}").shuffle(order)  # noqa: S311 - an order, not a secret
    for start in range(0, count, rows_per_step):
        yield tuple(order[start : start + rows_per_step])
