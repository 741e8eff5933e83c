"""A run that is ready to go: everything that its steps need, read and checked once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lemmata.errors import BadInput
from lemmata.models import gguf_read
from lemmata.models.progress import Progress
from lemmata.models.store import Store
from lemmata.models.stored import StoredModel
from lemmata.prompts.render import ChatTemplate
from lemmata.settings import Settings
from lemmata.train import (
    base_model,
    checkpoint,
    curriculum,
    gate_questions,
    products,
    run_dir,
    samples,
    stages,
)
from lemmata.train.gate_questions import Sets
from lemmata.train.objectives import Objective
from lemmata.train.plan import read_shape
from lemmata.train.recipe import Recipe, as_fields
from lemmata.train.rows import Row


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is ready to go: what the steps need, read once."""

    folder: Path
    recipe: Recipe
    stored: StoredModel
    rows: samples.Samples
    template: ChatTemplate
    tokenizer_sha256: str
    hf: Path
    objective: Objective
    questions: Sets | None

    @property
    def identity(self) -> checkpoint.Identity:
        recipe = json.dumps(as_fields(self.recipe), sort_keys=True) + self.objective.sha256
        return checkpoint.Identity(
            hashlib.sha256(recipe.encode()).hexdigest(), self.rows.sha256, self.stored.sha256
        )

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """Those of the data, and behind them those that are only held to the base."""
        return (*self.rows.rows, *self.objective.held)

    def course(self, difficulty: Sequence[float] | None) -> stages.Course:
        held = range(len(self.rows.rows), len(self.all_rows))
        return stages.Course(self.folder, self.recipe, self.rows.sources, difficulty, held)


def refuse_other_tokens(ready: Run) -> None:
    """Raises BadInput where the base's tokenizer or template is not the one the run began with."""
    lock = json.loads((ready.folder / run_dir.ENVIRONMENT).read_text("utf-8"))
    for what, now in (
        ("tokenizer", ready.tokenizer_sha256), ("template", ready.template.sha256)
    ):  # fmt: skip
        if lock[f"{what}_sha256"] != now:
            raise BadInput(
                f"the base's {what} has changed since the run began",
                f"Put the old {what} back, or start a new run.",
            )


def prepare(
    folder: Path, recipe: Recipe, stored: StoredModel, settings: Settings, progress: Progress
) -> Run:
    """Read what a recipe names. Raises BadRecipe, BadData, UnknownModel."""
    hf = Store(settings).hf_dir(stored, progress)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    rows = samples.of_model(recipe, stored, hf)
    tokenizer = hashlib.sha256((hf / "tokenizer.json").read_bytes()).hexdigest()
    objective = Objective.of(recipe, rows.rows, tokenizer, read_shape(hf).vocabulary)
    questions = gate_questions.sets(recipe, rows.seen)
    curriculum.refuse_missing_order(recipe, rows)
    run = Run(folder, recipe, stored, rows, template, tokenizer, hf, objective, questions)
    run.course(None).planned()  # refuses a stage that its rows cannot fill
    return run


def in_new_folder(ready: Run, settings: Settings) -> Run:
    """The run with a folder of its own, which says what the run depends on."""
    folder = run_dir.create(settings.runs_dir, ready.recipe.name)
    run_dir.write_recipe(folder, ready.recipe)
    run_dir.write_json(folder / run_dir.DATA, ready.rows.about)
    lock = run_dir.environment(settings.threads, base_model.device().type) | {
        "base": {"id": ready.stored.id, "sha256": ready.stored.sha256},
        "template_sha256": ready.template.sha256,
        "tokenizer_sha256": ready.tokenizer_sha256,
        "onednn": products.by_onednn(),
    }
    run_dir.write_json(folder / run_dir.ENVIRONMENT, lock)
    return replace(ready, folder=folder)


def newest(run: Run) -> int:
    """Steps done by the newest checkpoint."""
    kept = checkpoint.all_in(run.folder / run_dir.CHECKPOINTS)
    return kept[-1] if kept else 0
