"""A run's attempts and grades, put together into measures and comparisons."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lemmata.eval import contrasts, folder, graders
from lemmata.eval.contrasts import Contrast
from lemmata.eval.folder import Run
from lemmata.eval.graders import Grade
from lemmata.eval.metrics import Attempts, Measures, measure
from lemmata.eval.plan import Cell
from lemmata.eval.predictions import Prediction


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to. `complete`: every attempt of the plan was made."""

    folder: Path
    run: Run
    cells: tuple[Measures, ...]
    contrasts: tuple[Contrast, ...]
    complete: bool

    def as_json(self) -> dict[str, Any]:
        """The content of results.json: shares of 1, an infinite end as null."""
        plan = self.run.plan
        told = {
            "format": folder.FORMAT,
            "benchmark": plan.benchmark,
            "title": plan.title,
            "licence": plan.licence,
            "protocol": plan.protocol,
            "k": plan.k,
            "sampling": asdict(plan.sampling),
            "model": asdict(self.run.model),
            "adapters": dict(self.run.adapters),
            "complete": self.complete,
            "refused": [asdict(each) for each in self.run.refused],
            "cells": [asdict(cell) for cell in self.cells],
            "contrasts": [asdict(contrast) for contrast in self.contrasts],
        }
        return dict(_plain(told))


def table(
    run: Run, predictions: Mapping[str, Prediction], grades: Mapping[str, Grade]
) -> dict[Cell, list[Attempts]]:
    """Cells in the plan's order, items in the run's order; what has no graded attempt is absent."""
    made: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for prediction in predictions.values():
        if prediction.slot in grades:
            made[prediction.cell, prediction.item].append(prediction)
    found: dict[Cell, list[Attempts]] = {}
    for cell in run.plan.cells:
        for item in run.items:
            rows = sorted(made.get((cell.id, item.id), ()), key=lambda row: row.attempt)
            if rows:
                each = Attempts(item, tuple(rows), tuple(grades[row.slot] for row in rows))
                found.setdefault(cell, []).append(each)
    return found


def of(
    place: Path, run: Run, predictions: Mapping[str, Prediction], grades: Mapping[str, Grade]
) -> Report:
    """The report of what has been made so far."""
    grader = graders.find(run.plan.grader)
    found = table(run, predictions, grades)
    cells = tuple(measure(cell, items, grader.same) for cell, items in found.items())
    made = sum(cell.attempts for cell in cells)
    return Report(place, run, cells, tuple(contrasts.along(found)), made == wanted(run))


def wanted(run: Run) -> int:
    """The number of attempts that the plan asks for."""
    spoken = Counter[str](item.language for item in run.items)
    return sum(spoken[cell.language] for cell in run.plan.cells) * run.plan.k


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
