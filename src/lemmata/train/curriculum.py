"""How hard each row is, for a recipe that goes from easy to hard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from lemmata.data import order
from lemmata.errors import BadRecipe
from lemmata.models.progress import Progress
from lemmata.train import base_model, batch, run_dir
from lemmata.train.objectives import token_nll
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row
from lemmata.train.samples import Samples

FILE = "order.json"
"""Difficulties of a run, beside its recipe: a resumed run reads what was measured."""


def of(
    recipe: Recipe, samples: Samples, model: Any, run: Path, progress: Progress
) -> tuple[float, ...] | None:
    """The difficulty of every row, None where the recipe asks for no order. Raises BadRecipe where
    a data file has no order beside it, BadData where its order is of other rows."""
    if recipe.order == "shuffled":
        return None
    if recipe.order == "file":
        return _from_files(samples)
    kept = run / FILE
    if kept.is_file():
        told = json.loads(kept.read_text("utf-8"))
        if told["data_sha256"] == samples.sha256:
            return tuple(told["difficulty"])
    found = _measured(recipe, samples.rows, model, progress)
    run_dir.write_json(kept, {"data_sha256": samples.sha256, "measure": "nll", "difficulty": found})
    return tuple(found)


def refuse_missing_order(recipe: Recipe, samples: Samples) -> None:
    """Raises BadRecipe or BadData as `of` does, before anything is written or loaded."""
    if recipe.order == "file":
        _from_files(samples)


def _from_files(samples: Samples) -> tuple[float, ...]:
    hashes = {source["source"]: source.get("sha256", "") for source in samples.about["sources"]}
    found: list[float] = []
    for name, span in samples.sources.items():
        path = Path(name).with_name(order.FILE)
        if not path.is_file():
            raise BadRecipe(
                f"there is no {path}", "Say order=nll, or prepare the data with --order nll."
            )
        read = order.load(path, hashes[name])
        if len(read.difficulty) != len(span):
            raise BadRecipe(f"{path} is for {len(read.difficulty)} rows, {name} has {len(span)}")
        found += read.difficulty
    return tuple(found)


def _measured(recipe: Recipe, rows: Sequence[Row], model: Any, progress: Progress) -> list[float]:
    """Mean negative log-likelihood of each row's learnt tokens under the base, in nats a token: a
    fresh adapter changes nothing."""
    found: list[float] = []
    model.eval()
    with torch.no_grad():
        for pack in batch.packs(rows, recipe.pack_tokens):
            here = pack.to(base_model.device())
            losses = token_nll(base_model.hidden_states(model, here), base_model.head(model),
                               here.labels)  # fmt: skip
            count = int(here.step_rows.max()) + 1
            sums = losses.new_zeros(count).index_add(0, here.step_rows, losses)
            sizes = losses.new_zeros(count).index_add(0, here.step_rows, torch.ones_like(losses))
            found += (sums / sizes).tolist()
            progress("measure how hard the rows are", len(found), len(rows))
    return [round(value, 6) for value in found]
