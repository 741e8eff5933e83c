"""Training, top to bottom: recipe → rows → base with LoRA → steps → the canonical adapter.

The loop is plain on purpose. What makes it exact: the loss is a sum divided by the label tokens of
the whole step, the order of the rows is a pure function of the seed, and a checkpoint holds all
that the next step depends on, so a run killed anywhere and resumed ends in the same bits on a CPU.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from lemmata.adapters import canonical, fingerprint
from lemmata.adapters.manifest import Manifest
from lemmata.errors import BadRecipe, DiskFull
from lemmata.models import gguf_read
from lemmata.models.progress import Progress, silent
from lemmata.models.store import Store
from lemmata.models.stored import StoredModel
from lemmata.prompts.render import ChatTemplate
from lemmata.settings import Settings
from lemmata.train import base_model, batch, checkpoint, objectives, run_dir, samples
from lemmata.train.base_model import Model
from lemmata.train.interrupt import Interrupt, Stopped
from lemmata.train.recipe import Recipe, as_fields
from lemmata.train.rows import Row, schedule


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

    @property
    def identity(self) -> checkpoint.Identity:
        recipe = json.dumps(as_fields(self.recipe), sort_keys=True)
        return checkpoint.Identity(
            hashlib.sha256(recipe.encode()).hexdigest(), self.rows.sha256, self.stored.sha256
        )

    def schedule(self) -> list[tuple[int, ...]]:
        recipe = self.recipe
        return schedule(len(self.rows.rows), recipe.rows_per_step, recipe.epochs, recipe.seed)


def start(recipe: Recipe, settings: Settings, progress: Progress = silent) -> Path:
    """Train from the beginning; gives the run's folder. Raises BadRecipe, BadData, DiskFull,
    UnknownModel, and Stopped on Ctrl-C, after saving."""
    canonical.check_name(recipe.name)
    stored = Store(settings).get(recipe.base, progress)
    ready = _prepare(Path(), recipe, stored, settings, progress)
    ready = _in_new_folder(ready, settings)
    return _train(ready, settings, progress)


def resume(folder: Path, settings: Settings, progress: Progress = silent) -> Path:
    """Go on from the newest checkpoint. Raises BadInput where base, data or recipe have changed."""
    recipe = run_dir.read_recipe(folder)
    stored = Store(settings).get(recipe.base, progress)
    return _train(_prepare(folder, recipe, stored, settings, progress), settings, progress)


def _prepare(
    folder: Path, recipe: Recipe, stored: StoredModel, settings: Settings, progress: Progress
) -> Run:
    hf = Store(settings).hf_dir(stored, progress)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    rows = samples.of_model(recipe, stored, hf)
    tokenizer = hashlib.sha256((hf / "tokenizer.json").read_bytes()).hexdigest()
    return Run(folder, recipe, stored, rows, template, tokenizer, hf)


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


def _train(run: Run, settings: Settings, progress: Progress) -> Path:
    torch.set_num_threads(settings.threads)
    model = base_model.load(run.hf, run.recipe)
    parameters = base_model.trainable(model)
    optimiser = _optimiser(parameters, run.recipe)
    kept = checkpoint.all_in(run.folder / run_dir.CHECKPOINTS)
    done = 0
    if kept:
        place = run.folder / run_dir.CHECKPOINTS / str(kept[-1])
        done = checkpoint.restore(place, parameters, optimiser, run.identity)
    events = run_dir.Events(run.folder, done)
    events.write("resumed" if done else "started", step=done, steps=len(run.schedule()))
    try:
        _steps(run, model, parameters, optimiser, done, events, progress)
        _finish(run, model)
        events.write("finished", step=len(run.schedule()))
    finally:
        events.close()
    return run.folder


def _steps(
    run: Run,
    model: Model,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    done: int,
    events: run_dir.Events,
    progress: Progress,
) -> None:
    schedule = run.schedule()
    model.train()

    def save(step: int) -> None:
        _save(run, step, parameters, optimiser)
        events.write("checkpoint", step=step)

    with Interrupt() as interrupt:
        for number, chosen in enumerate(schedule[done:], done + 1):
            told = _step(run.recipe, model, parameters, optimiser, number, len(schedule),
                         [run.rows.rows[row] for row in chosen])  # fmt: skip
            events.write("step", step=number, **told)
            progress("train", number, len(schedule))
            last = number == len(schedule)
            if number % run.recipe.save_every == 0 or last or interrupt.asked:
                save(number)
            if interrupt.asked and not last:
                events.write("stopped", step=number)
                raise Stopped(run.folder)


def _step(
    recipe: Recipe,
    model: Model,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    number: int,
    total: int,
    rows: list[Row],
) -> dict[str, float]:
    """One optimiser step; gives what the log tells. Raises BadRecipe where the loss is NaN."""
    began = time.perf_counter()
    packed = batch.packs(rows, recipe.pack_tokens)
    labels = sum(one.label_tokens for one in packed)
    loss = nll = 0.0
    for one in packed:
        here = one.to(base_model.device())
        states = base_model.hidden_states(model, here)
        losses = objectives.token_nll(states, base_model.head(model), here.labels)
        nll += losses.sum().item() / labels
        part = _objective(recipe, losses, here) / labels
        part.backward()  # type: ignore[no-untyped-call]
        loss += part.item()
    norm = _clipped(parameters, recipe.max_grad_norm)
    if not math.isfinite(loss) or not math.isfinite(norm):
        raise BadRecipe(
            f"the loss is no longer a number at step {number}",
            "Lower lr or raise warmup_steps; the last checkpoint is kept.",
        )
    rate = learning_rate(recipe, number, total)
    for group in optimiser.param_groups:
        group["lr"] = rate * group["ratio"]
    optimiser.step()
    optimiser.zero_grad()
    tokens = sum(len(row.ids) for row in rows)
    seconds = time.perf_counter() - began
    return {"loss": loss, "nll": nll, "lr": rate, "grad_norm": norm, "label_tokens": labels,
            "tokens": tokens, "tokens_per_s": round(tokens / seconds, 1)}  # fmt: skip


def _objective(recipe: Recipe, losses: torch.Tensor, here: batch.Pack) -> torch.Tensor:
    """What the recipe minimises, summed over the pack's label tokens."""
    total = losses.sum()
    if recipe.step_penalty:
        penalty = objectives.step_penalty(
            losses, here.steps, here.step_rows, recipe.step_temperature
        )
        total = total + recipe.step_penalty * penalty
    return total


def learning_rate(recipe: Recipe, number: int, total: int) -> float:
    """The rate of step `number` (from 1) of `total`: linear warm-up, then a cosine to 0."""
    warm = min(1.0, number / recipe.warmup_steps) if recipe.warmup_steps else 1.0
    return recipe.lr * warm * 0.5 * (1 + math.cos(math.pi * (number - 1) / total))


def _optimiser(
    parameters: Mapping[str, torch.nn.Parameter], recipe: Recipe
) -> torch.optim.Optimizer:
    """AdamW, the B matrices at `lr_b_ratio` times the rate of A (LoRA+, arXiv:2402.12354)."""
    groups: list[dict[str, Any]] = [
        {"params": [p for name, p in parameters.items() if part in name], "ratio": ratio}
        for part, ratio in (("lora_A", 1.0), ("lora_B", recipe.lr_b_ratio))
    ]
    return torch.optim.AdamW(
        groups, lr=recipe.lr, betas=recipe.betas, weight_decay=recipe.weight_decay
    )


def _clipped(parameters: Mapping[str, torch.nn.Parameter], most: float) -> float:
    """The gradients' norm, which is brought down to `most` where that is set."""
    limit = most or float("inf")
    return float(torch.nn.utils.clip_grad_norm_(list(parameters.values()), limit))


def _save(
    run: Run,
    step: int,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
) -> None:
    folder = run.folder / run_dir.CHECKPOINTS
    try:
        checkpoint.write(folder, step, parameters, optimiser, run.identity)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        kept = checkpoint.all_in(folder)
        state = f"checkpoint {kept[-1]} is kept" if kept else "there is no checkpoint yet"
        raise DiskFull(
            f"the disk is full at step {step}; {state}",
            f"Free some, then: lemmata train resume {run.folder}",
        ) from error


def _hub_revision(stored: StoredModel) -> str | None:
    """PEFT and vLLM ask the hub for this revision, which other sources do not know."""
    return stored.revision if stored.source.startswith("hf:") else None


def _finish(run: Run, model: Model) -> None:
    """Write the canonical adapter, in bf16, with where it comes from."""
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
    tensors = {name: value.numpy() for name, value in base_model.peft_tensors(model).items()}
    canonical.save(
        run.folder / run_dir.FINAL,
        tensors,
        rank=recipe.lora_r,
        alpha=recipe.lora_alpha,
        about=about,
    )
