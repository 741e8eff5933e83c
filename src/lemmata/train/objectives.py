"""What is minimised. Each objective is a sum over label tokens; the loop divides by their number in
the whole step, so that neither packing nor accumulation changes what a token weighs."""

from __future__ import annotations

import torch
from torch.nn import functional

from lemmata.train.batch import IGNORED


def nll(hidden: torch.Tensor, head: torch.nn.Module, labels: torch.Tensor) -> torch.Tensor:
    """Sum of -log p(label) over the labelled positions: supervised fine-tuning.

    `hidden` [1, n, d] are the last layer's normed states, `head` the projection to the vocabulary,
    `labels` [1, n]. The head runs at labelled positions only: the others would cost as much and
    teach nothing. Logits and the sum are float32.
    """
    told = labels != IGNORED
    logits = head(hidden[told]).float()
    return functional.cross_entropy(logits, labels[told], reduction="sum")
