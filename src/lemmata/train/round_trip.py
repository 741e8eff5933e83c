"""The serve round trip: does the engine do with the adapter what training did?

The adapter's files are loaded by PEFT on the base in torch and by the engine on the served file of
the same base, and both say the log-probability of every learnt token of a few rows. They cannot be
equal: the engine works in lower precision, by d0 without any adapter. An adapter that is applied
with the wrong scale, to permuted rows or not at all differs by a good part of what it does. So
with an adapter the mean difference may be at most 2 * d0, and a twentieth of how far the adapter
itself moves a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from lemmata.engines.sync import SyncEngine
from lemmata.errors import AnswerIsNo
from lemmata.train.base_model import Model
from lemmata.train.rows import Row

FACTOR, SHARE = 2.0, 0.05


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Mean absolute differences in nats a token: `base` without, `adapter` with the adapter, which
    itself moves tokens by `effect` (in torch)."""

    tokens: int
    base: float
    adapter: float
    effect: float

    @property
    def bound(self) -> float:
        return FACTOR * self.base + SHARE * self.effect

    @property
    def passed(self) -> bool:
        return self.adapter <= self.bound

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"bound": self.bound, "passed": self.passed}


def compare(
    model: Model, engine: SyncEngine, folder: Path, name: str, rows: Sequence[Row]
) -> RoundTrip:
    """The adapter in `folder`, loaded in the engine as `name`, against PEFT's reading of it."""
    model.load_adapter(folder, "served")
    model.set_adapter("served")
    try:
        tuned = [_in_torch(model, row) for row in rows]
        with model.disable_adapter():
            plain = [_in_torch(model, row) for row in rows]
    finally:
        model.set_adapter("default")
        model.delete_adapter("served")
    with_it = [_in_engine(engine, row, name) for row in rows]
    without = [_in_engine(engine, row, None) for row in rows]
    count = sum(len(row.ids) - row.start for row in rows)
    return RoundTrip(count, _apart(plain, without), _apart(tuned, with_it), _apart(tuned, plain))


def refuse(found: RoundTrip) -> None:
    """Raises AnswerIsNo where the engine does something else than training did."""
    if not found.passed:
        raise AnswerIsNo(
            f"served, the adapter is not what was trained: log-probabilities are "
            f"{found.adapter:.3f} nats a token apart, {found.bound:.3f} is allowed",
            "The run is kept; report it with its round_trip.json.",
        )


def _in_torch(model: Model, row: Row) -> list[float]:
    was_training = model.training
    model.eval()
    ids = torch.tensor([row.ids], device=model.device)
    with torch.no_grad():
        inner = model.get_base_model()
        states = inner.model(input_ids=ids, use_cache=False).last_hidden_state[0]
        logits = inner.get_output_embeddings()(states[row.start - 1 : -1]).float()
        told = torch.log_softmax(logits, -1).gather(1, ids[0, row.start :, None])
    model.train(was_training)
    return [float(value) for value in told.squeeze(1)]


def _in_engine(engine: SyncEngine, row: Row, adapter: str | None) -> list[float]:
    scores = engine.run(engine.engine.score(row.ids, adapter))
    return scores[row.start - 1 :]


def _apart(left: Sequence[Sequence[float]], right: Sequence[Sequence[float]]) -> float:
    pairs = [
        abs(a - b)
        for one, other in zip(left, right, strict=True)
        for a, b in zip(one, other, strict=True)
    ]
    return sum(pairs) / len(pairs)
