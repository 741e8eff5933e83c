"""How far an adapter has moved the base: KL(base || tuned), which predicts what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch

from lemmata.data.render import Renderer, RenderFault
from lemmata.models.progress import Progress
from lemmata.train.base_model import Model
from lemmata.train.measure import Answer
from lemmata.train.rows import Row
from lemmata.train.samples import row_of
from lemmata.types import Example, Message

_OPEN: Mapping[str, Any] = {"part": [1, 2]}
"""Marks an example that does not end."""
_CHUNK = 256
"""Positions whose logits, twice the vocabulary, are in memory at a time."""


def row_of_answer(render: Renderer, messages: tuple[Message, ...], answer: Answer) -> Row | None:
    """The base's own answer as a row, without its end where it was cut or where the template would
    rewrite a text that ends there. None: it wrote nothing, or control tokens as text."""
    if not answer.text:
        return None
    for meta in ({}, _OPEN) if answer.finished else (_OPEN,):
        with suppress(RenderFault):
            return row_of(render(Example(messages, answer.text, dict(meta))))
    return None


def of_rows(model: Model, rows: Sequence[Row], progress: Progress, stage: str) -> tuple[float, ...]:
    """Mean KL(base || tuned) of each row over its learnt positions, in nats a token, over the whole
    vocabulary. The model is left in the mode it was in."""
    was_training = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for number, row in enumerate(rows, 1):
            found.append(_of_row(model, row))
            progress(stage, number, len(rows))
    model.train(was_training)
    return tuple(found)


def _of_row(model: Model, row: Row) -> float:
    inner = model.get_base_model()
    ids = torch.tensor([row.ids], device=model.device)
    learnt = slice(row.start - 1, len(row.ids) - 1)
    tuned = inner.model(input_ids=ids, use_cache=False).last_hidden_state[0, learnt]
    with model.disable_adapter():
        base = inner.model(input_ids=ids, use_cache=False).last_hidden_state[0, learnt]
    head = inner.get_output_embeddings()
    total = 0.0
    for p_states, q_states in zip(base.split(_CHUNK), tuned.split(_CHUNK), strict=True):
        p = torch.log_softmax(head(p_states).float(), -1)
        q = torch.log_softmax(head(q_states).float(), -1)
        total += float((p.exp() * (p - q)).sum())
    return max(0.0, total / len(base))
