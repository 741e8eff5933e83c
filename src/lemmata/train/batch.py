"""Rows into packs: variable lengths behind one another, no padding, no row seeing another.

A pack is one sequence of at most `pack_tokens` tokens. Position ids start anew in every row and a
block mask keeps each row to itself, so packed and unpacked gradients are equal (a test proves it).
Rows that begin alike (the same system message) share those tokens: they are run once a pack, and
every row attends to them. This changes nothing but the cost, since what stands before a token
decides its state; only dropout then draws once for the shared tokens.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

IGNORED = -100
"""The label of a token that carries no loss (torch's cross_entropy skips it)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A rendered sample: token `ids`; those from index `start` on are learnt. 0 < start < len."""

    ids: tuple[int, ...]
    start: int


@dataclass(frozen=True, slots=True)
class Pack:
    """One forward pass of n tokens.

    `ids`, `positions` and `labels` are int64 [1, n]; `labels[i]` is the token to predict at i, or
    IGNORED. `segments` [n] is 0 for shared tokens, then 1, 2, … for the rows.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    labels: torch.Tensor
    segments: torch.Tensor

    @property
    def label_tokens(self) -> int:
        return int((self.labels != IGNORED).sum())

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """Additive attention mask [1, 1, n, n]: causal, within a row or to the shared tokens."""
        index = torch.arange(len(self.segments))
        causal = index[:, None] >= index[None, :]
        own = self.segments[:, None] == self.segments[None, :]
        seen = causal & (own | (self.segments == 0)[None, :])
        mask = torch.zeros(seen.shape, dtype=dtype).masked_fill_(~seen, torch.finfo(dtype).min)
        return mask[None, None]

    def to(self, device: torch.device) -> Pack:
        return Pack(
            self.ids.to(device), self.positions.to(device), self.labels.to(device), self.segments
        )


def pack(rows: Sequence[Row]) -> Pack:
    """One pack of these rows."""
    shared = shared_prefix(rows)
    ids = list(rows[0].ids[:shared])
    positions, segments = list(range(shared)), [0] * shared
    labels = [IGNORED] * shared
    for segment, row in enumerate(rows, 1):
        ids += row.ids[shared:]
        positions += range(shared, len(row.ids))
        segments += [segment] * (len(row.ids) - shared)
        # The token at i predicts the one at i + 1, so a row's labels are its ids moved by one.
        silent = row.start - 1 - shared
        labels += [IGNORED] * silent + list(row.ids[row.start :]) + [IGNORED]
    return Pack(
        torch.tensor([ids]), torch.tensor([positions]), torch.tensor([labels]),
        torch.tensor(segments),
    )  # fmt: skip


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


def packs(rows: Sequence[Row], pack_tokens: int) -> list[Pack]:
    """The rows of one step in as few packs as fit, in their order; a longer row has one alone."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _size([*groups[-1], row]) <= pack_tokens:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [pack(group) for group in groups]


def _size(rows: Sequence[Row]) -> int:
    return sum(len(row.ids) for row in rows) - (len(rows) - 1) * shared_prefix(rows)


def steps(count: int, rows_per_step: int, epochs: int, seed: int) -> list[tuple[int, ...]]:
    """Row numbers of every step: each epoch shuffled by its own seed, the last step of an epoch
    smaller where the rows do not divide. A pure function, so that a resumed run continues it."""
    return [step for epoch in range(epochs) for step in _epoch(count, rows_per_step, seed, epoch)]


def _epoch(count: int, rows_per_step: int, seed: int, epoch: int) -> Iterator[tuple[int, ...]]:
    order = list(range(count))
    random.Random(f"{seed}-{epoch}").shuffle(order)  # noqa: S311 - an order, not a secret
    for start in range(0, count, rows_per_step):
        yield tuple(order[start : start + rows_per_step])
