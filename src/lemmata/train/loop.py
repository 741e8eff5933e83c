"""Training, top to bottom: recipe → rows → base with LoRA → steps → the canonical adapter.

The loop is plain on purpose. What makes it exact: the loss is a sum divided by the label tokens of
the whole step, the order of the rows is a pure function of the seed, and a checkpoint holds all
that the next step depends on, so a run killed anywhere and resumed ends in the same bits on a CPU.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from lemmata.adapters import canonical, fingerprint
from lemmata.adapters.manifest import Manifest
from lemmata.errors import BadInput, DiskFull, EngineDied, is_disk_full
from lemmata.models import gguf_read
from lemmata.models.progress import Progress, silent
from lemmata.models.store import Store
from lemmata.models.stored import StoredModel
from lemmata.prompts.render import ChatTemplate
from lemmata.settings import Settings
from lemmata.train import (
    base_model,
    checkpoint,
    curriculum,
    final,
    gate_questions,
    prefix,
    processes,
    report,
    run_dir,
    samples,
    stages,
)
from lemmata.train.base_model import Model
from lemmata.train.gate_questions import Sets
from lemmata.train.gates import Gates, refuse_exhausted
from lemmata.train.interrupt import Interrupt, Stopped
from lemmata.train.objectives import Objective
from lemmata.train.plan import read_shape
from lemmata.train.recipe import Recipe, as_fields
from lemmata.train.rows import Row
from lemmata.train.run_dir import Watcher, unwatched
from lemmata.train.step import Gradients, Stepper, Task, learning_rate, optimiser_of


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


def start(
    recipe: Recipe, settings: Settings, progress: Progress = silent, watch: Watcher = unwatched
) -> Path:
    """Train from the beginning; gives the run's folder. Raises BadRecipe, BadData, DiskFull,
    UnknownModel, AnswerIsNo where a gate refuses, and Stopped on Ctrl-C, after saving."""
    canonical.check_name(recipe.name)
    stored = Store(settings).get(recipe.base, progress)
    ready = _prepare(Path(), recipe, stored, settings, progress)
    _follow(ready, settings)
    ready = _in_new_folder(ready, settings)
    return _train(ready, settings, progress, watch)


def resume(
    folder: Path, settings: Settings, progress: Progress = silent, watch: Watcher = unwatched
) -> Path:
    """Go on from the newest checkpoint; a finished run is left as it is. Raises BadInput where
    base, data or recipe have changed."""
    recipe = run_dir.read_recipe(folder)
    stored = Store(settings).get(recipe.base, progress)
    ready = _prepare(folder, recipe, stored, settings, progress)
    _refuse_other_tokens(ready)
    if run_dir.is_finished(folder):
        checkpoint.check(folder / run_dir.CHECKPOINTS / str(_newest(ready)), ready.identity)
        return folder
    _follow(ready, settings)
    return _train(ready, settings, progress, watch)


def _refuse_other_tokens(ready: Run) -> None:
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


def _prepare(
    folder: Path, recipe: Recipe, stored: StoredModel, settings: Settings, progress: Progress
) -> Run:
    hf = Store(settings).hf_dir(stored, progress)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    rows = samples.of_model(recipe, stored, hf)
    tokenizer = hashlib.sha256((hf / "tokenizer.json").read_bytes()).hexdigest()
    objective = Objective.of(recipe, rows.rows, tokenizer, read_shape(hf).vocabulary)
    questions = gate_questions.sets(recipe, rows.seen)
    return Run(folder, recipe, stored, rows, template, tokenizer, hf, objective, questions)


def _follow(run: Run, settings: Settings) -> None:
    """Does not return in a process that only computes for the first one."""
    if processes.follows():
        torch.set_num_threads(settings.threads)
        model = base_model.load(run.hf, run.recipe).train()
        with TemporaryDirectory() as folder:
            own = _gradients(run, model, Path(folder))
            processes.follow(own, base_model.trainable(model))


def _gradients(run: Run, model: Model, folder: Path) -> Gradients:
    """Those of a step, in one process; what is kept for later epochs lies in `folder`."""
    states = prefix.states_of(model, run.recipe, run.all_rows, run.stored.sha256, folder)
    return Gradients(run.recipe, model, run.objective, states)


def _in_new_folder(ready: Run, settings: Settings) -> Run:
    folder = run_dir.create(settings.runs_dir, ready.recipe.name)
    run_dir.write_recipe(folder, ready.recipe)
    run_dir.write_json(folder / run_dir.DATA, ready.rows.about)
    lock = run_dir.environment(settings.threads, base_model.device().type) | {
        "base": {"id": ready.stored.id, "sha256": ready.stored.sha256},
        "template_sha256": ready.template.sha256,
        "tokenizer_sha256": ready.tokenizer_sha256,
    }
    run_dir.write_json(folder / run_dir.ENVIRONMENT, lock)
    return replace(ready, folder=folder)


def _train(run: Run, settings: Settings, progress: Progress, watch: Watcher) -> Path:
    torch.set_num_threads(settings.threads)
    model = base_model.load(run.hf, run.recipe)
    parameters = base_model.trainable(model)
    done = _newest(run)
    if done:
        checkpoint.check(run.folder / run_dir.CHECKPOINTS / str(done), run.identity)
    start = run.folder / stages.STAGES / stages.START
    with _no_room(run, done):
        if not start.exists():
            checkpoint.write_adapter(start, parameters)
    course = run.course(curriculum.of(run.recipe, run.rows, model, run.folder, progress))
    events = run_dir.Events(run.folder, done, watch(run.folder))
    try:
        events.write("resumed" if done else "started", step=done, steps=course.total())
        with Gates(run, model, partial(_export, run, model), settings, progress) as gates:
            while (leg := course.next()) is not None:
                refuse_exhausted(run.folder, run.recipe)
                _steps(run, leg, model, parameters, events, progress)
                with _measuring(run, leg.last):
                    told = gates.judge(leg, course, parameters)
                events.write("gate", step=leg.last, stage=leg.name, attempt=leg.attempt,
                             passed=told["passed"], checks=_values(told))  # fmt: skip
            with _measuring(run, _newest(run)):
                final.land(run, gates, parameters)
        prefix.forget(run.folder)
        events.write("finished", step=_newest(run))
    finally:
        events.close()
        processes.dismiss()
        with suppress(OSError):  # `lemmata train report` makes it again once there is room
            report.write(run.folder)
    return run.folder


def _values(told: Mapping[str, Any]) -> dict[str, float]:
    """What a gate's checks measured, by name."""
    return {check["name"]: check["change"]["value"] for check in told["checks"]}


@contextmanager
def _measuring(run: Run, step: int) -> Iterator[None]:
    """While nothing is trained: what stops it leaves the run as its newest checkpoint has it."""
    try:
        with _no_room(run, step):
            yield
    except KeyboardInterrupt as stop:
        raise Stopped(run.folder) from stop
    except EngineDied as error:
        mend = f"Nothing is lost; go on with: lemmata train resume {run.folder}"
        raise EngineDied(error.cause, mend) from error


def _steps(
    run: Run,
    leg: stages.Leg,
    model: Model,
    parameters: Mapping[str, torch.nn.Parameter],
    events: run_dir.Events,
    progress: Progress,
) -> None:
    """The steps of a leg that are not done yet."""
    optimiser, done = _begun(run, leg, parameters)
    rows, total = run.all_rows, len(leg.steps)
    with _no_room(run, done):
        own = _gradients(run, model, run.folder)
    stepper = Stepper(run.recipe, parameters, processes.together(own, parameters, run.folder))
    model.train()

    def save(step: int) -> None:
        _save(run, step, parameters, optimiser)
        events.write("checkpoint", step=step)

    with Interrupt() as interrupt:
        for number in range(done + 1, leg.last + 1):
            chosen = tuple(rows[row] for row in leg.steps[number - leg.first - 1])
            rate = learning_rate(run.recipe, leg.lr, number - leg.first, total)
            told = stepper.step(optimiser, rate, Task(number, leg.seed, chosen))
            events.write("step", step=number, stage=leg.name, attempt=leg.attempt, **told)
            progress(_stage(leg), number - leg.first, total)
            last = number == leg.last
            if number % run.recipe.save_every == 0 or last or interrupt.asked:
                save(number)
            if interrupt.asked and not last:
                events.write("stopped", step=number)
                raise Stopped(run.folder)


def _newest(run: Run) -> int:
    """Steps done by the newest checkpoint."""
    kept = checkpoint.all_in(run.folder / run_dir.CHECKPOINTS)
    return kept[-1] if kept else 0


def _stage(leg: stages.Leg) -> str:
    name = "train" if leg.name == "train" else f"train {leg.name}"
    return name if leg.attempt == 1 else f"{name}, try {leg.attempt}"


def _begun(
    run: Run, leg: stages.Leg, parameters: Mapping[str, torch.nn.Parameter]
) -> tuple[torch.optim.Optimizer, int]:
    """A leg's optimiser, and the steps of the run that are done: its newest checkpoint's, or at its
    beginning the last good adapter with a seed of its own."""
    optimiser = optimiser_of(parameters, run.recipe)
    done = _newest(run)
    if done > leg.first:
        place = run.folder / run_dir.CHECKPOINTS / str(done)
        return optimiser, checkpoint.restore(place, parameters, optimiser, run.identity)
    checkpoint.restore_adapter(leg.start, parameters)
    torch.manual_seed(leg.seed)
    return optimiser, leg.first


def _save(
    run: Run,
    step: int,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
) -> None:
    with _no_room(run, step):
        checkpoint.write(
            run.folder / run_dir.CHECKPOINTS, step, parameters, optimiser, run.identity
        )


@contextmanager
def _no_room(run: Run, step: int) -> Iterator[None]:
    """A full disk as an error that says what is kept and how to go on. Raises DiskFull."""
    try:
        yield
    except OSError as error:
        if not is_disk_full(error):
            raise
        kept = checkpoint.all_in(run.folder / run_dir.CHECKPOINTS)
        state = f"checkpoint {kept[-1]} is kept" if kept else "there is no checkpoint yet"
        raise DiskFull(
            f"the disk is full at step {step}; {state}",
            f"Free some, then: lemmata train resume {run.folder}",
        ) from error


def _hub_revision(stored: StoredModel) -> str | None:
    """PEFT and vLLM ask the hub for this revision, which other sources do not know."""
    return stored.revision if stored.source.startswith("hf:") else None


def _export(run: Run, model: Model, folder: Path) -> None:
    """Write the adapter as it is now, canonical and in bf16, with where it comes from."""
    recipe = run.recipe
    about = Manifest(
        base=run.stored.id,
        base_revision=_hub_revision(run.stored),
        base_fingerprint=fingerprint.of_gguf(run.stored.gguf),
        tokenizer_sha256=run.tokenizer_sha256,
        template_sha256=run.template.sha256,
        data_sha256=run.rows.sha256,
        recipe=as_fields(recipe),
        description=recipe.description,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    adapter = base_model.exported(model, recipe)
    tensors = {name: value.numpy() for name, value in adapter.tensors.items()}
    canonical.save(
        folder,
        tensors,
        rank=adapter.rank,
        alpha=adapter.alpha,
        about=about,
    )
