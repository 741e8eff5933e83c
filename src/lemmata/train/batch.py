"""Rows into packs: variable lengths behind one another, no padding, no row seeing another.

A pack is one sequence of at most `pack_tokens` tokens. Position ids start anew in every row and a
block mask keeps each row to itself, so packed and unpacked gradients are equal (a test proves it).
Rows that begin alike (the same system message) share those tokens: they are run once a pack, and
every row attends to them. This changes nothing but the cost, since what stands before a token
decides its state; only dropout then draws once for the shared tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lemmata.train.rows import Row, groups, shared_prefix

IGNORED = -100
"""The label of a token that carries no loss (torch's cross_entropy skips it)."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One forward pass of n tokens.

    `ids`, `positions` and `labels` are int64 [1, n]; `labels[i]` is the token to predict at i, or
    IGNORED. `segments` [n] is 0 for shared tokens, then 1, 2, … for the rows. `steps` and
    `step_rows` are of the labelled tokens alone: the number of each one's derivation step, counted
    through the pack, and of its row, both from 0.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    labels: torch.Tensor
    segments: torch.Tensor
    steps: torch.Tensor
    step_rows: torch.Tensor

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
            self.ids.to(device), self.positions.to(device), self.labels.to(device), self.segments,
            self.steps.to(device), self.step_rows.to(device),
        )  # fmt: skip


def pack(rows: Sequence[Row]) -> Pack:
    """One pack of these rows."""
    shared = shared_prefix(rows)
    ids = list(rows[0].ids[:shared])
    positions, segments = list(range(shared)), [0] * shared
    labels = [IGNORED] * shared
    numbered: list[int] = []
    of_row: list[int] = []
    for segment, row in enumerate(rows, 1):
        ids += row.ids[shared:]
        positions += range(shared, len(row.ids))
        segments += [segment] * (len(row.ids) - shared)
        # The token at i predicts the one at i + 1, so a row's labels are its ids moved by one.
        silent = row.start - 1 - shared
        labels += [IGNORED] * silent + list(row.ids[row.start :]) + [IGNORED]
        before = numbered[-1] + 1 if numbered else 0
        numbered += [before + step for step in row.steps]
        of_row += [segment - 1] * len(row.steps)
    return Pack(
        torch.tensor([ids]), torch.tensor([positions]), torch.tensor([labels]),
        torch.tensor(segments), torch.tensor(numbered), torch.tensor(of_row),
    )  # fmt: skip


def packs(rows: Sequence[Row], pack_tokens: int) -> list[Pack]:
    """The rows of one step in as few packs as fit, in their order."""
    return [pack(group) for group in groups(rows, pack_tokens)]
