"""The end of a run: strength, round trip, and only then `final/`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from lemmata.adapters import canonical
from lemmata.errors import AnswerIsNo
from lemmata.train import checkpoint, dial, round_trip, run_dir, stages
from lemmata.train.gate_checks import Asked, right_shares
from lemmata.train.gates import Gates

if TYPE_CHECKING:
    from lemmata.train.ready import Run

DIAL, ROUND_TRIP = "dial.json", "round_trip.json"


def land(run: Run, gates: Gates, parameters: Mapping[str, torch.nn.Parameter]) -> None:
    """Turn the last good adapter into `final/`. Raises AnswerIsNo, with nothing in `final/`, where
    no strength keeps enough or the engine does not do what was trained."""
    checkpoint.restore_adapter(stages.good(run.folder, run.recipe), parameters)
    strength = _dialled(run, gates)
    gates.export_candidate()
    _bake(gates, strength)
    found = _round_trip(run, gates)
    accuracy = _accuracy(gates) if gates.are_asked else {}
    made = canonical.read(gates.candidate)
    told = [_summary(run, number) for number in range(len(stages.of(run.recipe)))]
    manifest = replace(made.manifest, gates=[*told, *found], accuracy=accuracy)
    canonical.write(replace(made, manifest=manifest), run.folder / run_dir.FINAL)
    shutil.rmtree(gates.candidate)


def _bake(gates: Gates, strength: float) -> None:
    """Multiply the strength into B of the written adapter, whatever it was made from."""
    if strength == 1.0:
        return
    made = canonical.read(gates.candidate)
    parts = tuple(
        replace(part, b=part.b * np.float32(strength)) for part in made.weights.projections
    )
    canonical.write(
        replace(made, weights=replace(made.weights, projections=parts)), gates.candidate
    )


def _dialled(run: Run, gates: Gates) -> float:
    """The strength to bake in; what was swept goes to dial.json."""
    if not run.recipe.dial:
        return 1.0
    swept = dial.sweep(gates, run.recipe.dial)
    chosen = dial.best(swept)
    told = {"settings": [one.as_json() for one in swept],
            "chosen": chosen.strength if chosen else None}  # fmt: skip
    run_dir.write_json(run.folder / DIAL, told)
    if chosen is None:
        raise AnswerIsNo(
            f"no strength of {list(run.recipe.dial)} keeps the retention above its floor",
            f"Read {run.folder / run_dir.REPORT}; train more gently, or add smaller strengths.",
        )
    return chosen.strength


def _round_trip(run: Run, gates: Gates) -> list[dict[str, Any]]:
    most = run.recipe.round_trip_rows
    if not most:
        return []
    rows = run.rows.rows[:most]
    name = gates.load_written()
    gates.progress("compare with the engine", 0, len(rows))
    found = round_trip.compare(gates.model, gates.engine, gates.candidate, name, rows)
    gates.progress("compare with the engine", len(rows), len(rows))
    run_dir.write_json(run.folder / ROUND_TRIP, found.as_json())
    round_trip.refuse(found)
    return [{"stage": "round trip", **found.as_json()}]


def _accuracy(gates: Gates) -> dict[str, Any]:
    """Of the very adapter that lands, through the engine that will serve it."""
    answers = gates.written("measure the adapter")
    found = {}
    names = ("target", "retention")
    for name, questions, old, new in zip(names, gates.sets, gates.before(), answers, strict=True):
        before, after = right_shares(Asked(questions, old, new))
        found[name] = {
            "problems": len(questions),
            "before": {"value": before.value, "low": before.low, "high": before.high},
            "after": {"value": after.value, "low": after.low, "high": after.high},
        }
    return found


def _summary(run: Run, stage: int) -> dict[str, Any]:
    """The gate that a stage passed, without its examples."""
    tried = stages.tries(run.folder, stage)
    return {"stage": stages.of(run.recipe)[stage].name, "tries": len(tried)} | {
        key: value for key, value in tried[-1].items() if key != "examples"
    }
