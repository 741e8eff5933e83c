"""The objective of a recipe: its terms, each with a weight, added up over the tokens of a pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lemmata.train.batch import Pack
from lemmata.train.objectives import labels
from lemmata.train.objectives.labels import SoftLabels
from lemmata.train.objectives.losses import Soft, token_losses
from lemmata.train.objectives.penalty import step_penalty
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row

SHOWN_STEPS = 8
"""Of a derivation's steps, so many first ones are told apart in the log."""


@dataclass(frozen=True, slots=True)
class Told:
    """Sums over one pack for the log: nats over `learnt` tokens, nats of divergence over `soft`
    tokens, and by number of the step in its row the nats and tokens [SHOWN_STEPS]."""

    nll: float
    learnt: int
    divergence: float
    soft: int
    step_nll: tuple[float, ...]
    step_tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Objective:
    """What is minimised, per token of a step:

        sft_weight * NLL + teacher_weight * KL(teacher || student)
        + anchor_weight * KL(base || student) + step_penalty * penalty

    each term where the recipe asks for it (`token_losses`, `step_penalty` have the formulas).
    `held` are the anchor's own rows: no token of theirs is learnt, they are only held to the base,
    which keeps it on text beyond the data (an output-space anchor, as in Li and Hoiem 2016,
    "Learning without Forgetting", arXiv:1606.09282) and costs no forward pass of the base.
    """

    recipe: Recipe
    teacher: SoftLabels | None = None
    anchor: SoftLabels | None = None
    held: tuple[Row, ...] = ()
    _held: frozenset[labels.Key] = field(default=frozenset())

    @classmethod
    def of(
        cls, recipe: Recipe, rows: Sequence[Row], tokenizer_sha256: str, vocabulary: int
    ) -> Objective:
        """Reads the files that the recipe names. Raises BadInput: broken, or for other ids."""
        teacher = anchor = None
        held: tuple[Row, ...] = ()
        if recipe.teacher:
            teacher = labels.read(Path(recipe.teacher), tokenizer_sha256, vocabulary)
            teacher.check(rows)
        if recipe.anchor:
            anchor = labels.read(Path(recipe.anchor), tokenizer_sha256, vocabulary)
            data = {(row.ids, row.start) for row in rows}
            held = tuple(row for row in anchor.rows if (row.ids, row.start) not in data)
        return cls(recipe, teacher, anchor, held, frozenset((r.ids, r.start) for r in held))

    @property
    def sha256(self) -> str:
        """Of the label files; a checkpoint continues only with the same."""
        return " ".join(each.sha256 for each in (self.teacher, self.anchor) if each)

    def __call__(
        self, states: torch.Tensor, head: torch.Tensor, pack: Pack, rows: Sequence[Row]
    ) -> tuple[torch.Tensor, Told]:
        """The loss summed over the pack's label tokens, and what the log tells of it.

        `states` [1, n, d], `head` [vocabulary, d]; `rows` are the pack's, in its order.
        """
        soft = list(self._soft(rows, states.device))
        nll, divergence = token_losses(states, head, pack.labels, soft)
        learnt = self._learnt(pack, rows)
        total = self.recipe.sft_weight * (nll * learnt).sum() + divergence.sum()
        if self.recipe.step_penalty:
            total = total + self.recipe.step_penalty * self._penalty(nll, learnt, pack)
        return total, _told(nll.detach(), divergence.detach(), learnt, soft, pack)

    def _learnt(self, pack: Pack, rows: Sequence[Row]) -> torch.Tensor:
        """1 for tokens that are learnt, 0 for those of held rows, [m]."""
        flags = torch.tensor([float((row.ids, row.start) not in self._held) for row in rows])
        return flags.to(pack.step_rows.device)[pack.step_rows]

    def _penalty(self, nll: torch.Tensor, learnt: torch.Tensor, pack: Pack) -> torch.Tensor:
        own = learnt > 0
        if not own.any():
            return nll.new_zeros(())
        _, steps = torch.unique(pack.steps[own], return_inverse=True)
        _, rows = torch.unique(pack.step_rows[own], return_inverse=True)
        return step_penalty(nll[own], steps, rows, self.recipe.step_temperature)

    def _soft(self, rows: Sequence[Row], device: torch.device) -> list[Soft]:
        found = []
        for source, weight in (
            (self.teacher, self.recipe.teacher_weight), (self.anchor, self.recipe.anchor_weight)
        ):  # fmt: skip
            if source and weight:
                found.append(_laid_out(source, weight, rows, device))
        return found


def _laid_out(source: SoftLabels, weight: float, rows: Sequence[Row], device: torch.device) -> Soft:
    """The labels of a pack's rows behind one another; a row that has none weighs nothing."""
    tokens, logprobs, weights = [], [], []
    for row in rows:
        learnt = len(row.ids) - row.start
        known = source.of(row)
        blank = (
            np.tile(np.arange(source.k, dtype=np.int32), (learnt, 1)),
            np.full((learnt, source.k), -50.0),
        )
        tokens.append(known[0] if known else blank[0])
        logprobs.append(known[1] if known else blank[1])
        weights.append(np.full(learnt, weight if known else 0.0))
    return Soft(
        torch.from_numpy(np.concatenate(tokens).astype(np.int64)).to(device),
        torch.from_numpy(np.concatenate(logprobs).astype(np.float32)).to(device),
        torch.from_numpy(np.concatenate(weights).astype(np.float32)).to(device),
    )


def _told(
    nll: torch.Tensor,
    divergence: torch.Tensor,
    learnt: torch.Tensor,
    soft: Sequence[Soft],
    pack: Pack,
) -> Told:
    first = torch.full((int(pack.step_rows.max()) + 1,), len(pack.steps), device=nll.device)
    first = first.scatter_reduce(0, pack.step_rows, pack.steps, "amin")
    place = (pack.steps - first[pack.step_rows]).clamp_max(SHOWN_STEPS - 1)
    sums = nll.new_zeros(SHOWN_STEPS).index_add(0, place, nll * learnt)
    counts = nll.new_zeros(SHOWN_STEPS).index_add(0, place, learnt)
    weighed = sum(int((one.weight > 0).sum()) for one in soft)
    return Told(
        float((nll * learnt).sum()), int(learnt.sum()), float(divergence.sum()),
        weighed, tuple(sums.tolist()), tuple(int(c) for c in counts.tolist()),
    )  # fmt: skip


def means(told: Sequence[Told]) -> dict[str, Any]:
    """What the log tells of one optimiser step, in nats a token: over the learnt tokens, over those
    with soft labels where there are any, and by number of the derivation's step, from the first."""
    learnt, soft = sum(one.learnt for one in told), sum(one.soft for one in told)
    found: dict[str, Any] = {"nll": sum(one.nll for one in told) / max(1, learnt)}
    if soft:
        found["divergence"] = sum(one.divergence for one in told) / soft
    sums = [sum(column) for column in zip(*(one.step_nll for one in told), strict=True)]
    counts = [sum(column) for column in zip(*(one.step_tokens for one in told), strict=True)]
    pairs = zip(sums, counts, strict=True)
    return found | {"step_nll": [round(nats / n, 4) for nats, n in pairs if n]}
