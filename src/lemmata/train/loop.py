"""Training, top to bottom: recipe → rows → base with LoRA → steps → the canonical adapter.

The loop is plain on purpose. What makes it exact: the loss is a sum divided by the label tokens of
the whole step, the order of the rows is a pure function of the seed, and a checkpoint holds all
that the next step depends on, so a run killed anywhere and resumed ends in the same bits on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from lemmata.adapters import canonical
from lemmata.models.progress import Progress, silent
from lemmata.models.store import Store
from lemmata.settings import Settings
from lemmata.train import (
    base_model,
    checkpoint,
    curriculum,
    final,
    pages,
    prefix,
    processes,
    ready,
    report,
    run_dir,
    stages,
)
from lemmata.train.base_model import Model
from lemmata.train.export import export
from lemmata.train.gates import Gates, refuse_exhausted
from lemmata.train.interrupt import Interrupt, Stopped
from lemmata.train.ready import Run
from lemmata.train.recipe import Recipe
from lemmata.train.run_dir import Watcher, unwatched
from lemmata.train.step import Gradients, Stepper, Task, learning_rate, optimiser_of
from lemmata.train.stopping import measuring, no_room, resumable


def start(
    recipe: Recipe, settings: Settings, progress: Progress = silent, watch: Watcher = unwatched
) -> Path:
    """Train from the beginning; gives the run's folder. Raises BadRecipe, BadData, DiskFull,
    UnknownModel, AnswerIsNo where a gate refuses, and Stopped on Ctrl-C, after saving."""
    canonical.check_name(recipe.name)
    recipe = base_model.settled(recipe)
    stored = Store(settings).get(recipe.base, progress)
    run = ready.prepare(Path(), recipe, stored, settings, progress)
    _follow(run, settings)
    return _trained(ready.in_new_folder(run, settings), settings, progress, watch)


def resume(
    folder: Path, settings: Settings, progress: Progress = silent, watch: Watcher = unwatched
) -> Path:
    """Go on from the newest checkpoint; a finished run is left as it is. Raises BadInput where
    base, data or recipe have changed, or another process is at work on the run."""
    recipe = run_dir.read_recipe(folder)
    stored = Store(settings).get(recipe.base, progress)
    run = ready.prepare(folder, recipe, stored, settings, progress)
    ready.refuse_other_tokens(run)
    if run_dir.is_finished(folder):
        checkpoint.check(folder / run_dir.CHECKPOINTS / str(ready.newest(run)), run.identity)
        return folder
    _follow(run, settings)
    return _trained(run, settings, progress, watch)


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


def _trained(run: Run, settings: Settings, progress: Progress, watch: Watcher) -> Path:
    """Alone in the run's folder; wherever a person stops it, it can be gone on with."""
    with run_dir.alone(run.folder), resumable(run):
        return _train(run, settings, progress, watch)


def _train(run: Run, settings: Settings, progress: Progress, watch: Watcher) -> Path:
    torch.set_num_threads(settings.threads)
    model = base_model.load(run.hf, run.recipe)
    parameters = base_model.trainable(model)
    done = ready.newest(run)
    if done:
        checkpoint.check(run.folder / run_dir.CHECKPOINTS / str(done), run.identity)
    start = run.folder / stages.STAGES / stages.START
    with no_room(run, done):
        if not start.exists():
            checkpoint.write_adapter(start, parameters)
    course = run.course(curriculum.of(run.recipe, run.rows, model, run.folder, progress))
    events = run_dir.Events(run.folder, done, watch(run.folder))
    try:
        events.write("resumed" if done else "started", step=done, steps=course.total())
        with closing(Gates(run, model, partial(export, run, model), settings, progress)) as gates:
            while (leg := course.next()) is not None:
                refuse_exhausted(run.folder, run.recipe)
                _steps(run, leg, model, parameters, events, progress)
                pages.give_back()
                with measuring(run, leg.last):
                    told = gates.judge(leg, course, parameters)
                events.write("gate", step=leg.last, stage=leg.name, attempt=leg.attempt,
                             passed=told["passed"], checks=_values(told))  # fmt: skip
            with measuring(run, ready.newest(run)):
                final.land(run, gates, parameters)
        prefix.forget(run.folder)
        events.write("finished", step=ready.newest(run))
    finally:
        events.close()
        processes.dismiss()
        with suppress(OSError):  # `lemmata train report` makes it again once there is room
            report.write(run.folder)
    return run.folder


def _values(told: Mapping[str, Any]) -> dict[str, float]:
    """What a gate's checks measured, by name."""
    return {check["name"]: check["change"]["value"] for check in told["checks"]}


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
    with no_room(run, done):
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


def _stage(leg: stages.Leg) -> str:
    name = "train" if leg.name == "train" else f"train {leg.name}"
    return name if leg.attempt == 1 else f"{name}, try {leg.attempt}"


def _begun(
    run: Run, leg: stages.Leg, parameters: Mapping[str, torch.nn.Parameter]
) -> tuple[torch.optim.Optimizer, int]:
    """A leg's optimiser, and the steps of the run that are done: its newest checkpoint's, or at its
    beginning the last good adapter with a seed of its own."""
    optimiser = optimiser_of(parameters, run.recipe)
    done = ready.newest(run)
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
    with no_room(run, step):
        checkpoint.write(
            run.folder / run_dir.CHECKPOINTS, step, parameters, optimiser, run.identity
        )
