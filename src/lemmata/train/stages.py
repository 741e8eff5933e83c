"""Stages: which rows each step of a run takes, at what rate, and what is left to do.

A stage is tried until its gate passes, and each try is a `Leg`. Steps are counted through the whole
run, tries that were rolled back included, so a step's number never comes twice. What is left to do
follows from the files alone, and each is written at once before the run goes on:

    stages/start.safetensors      the adapter before the first step
    stages/NN/gate.json           all tries at stage NN, and whether it passed
    stages/NN/good.safetensors    the adapter that passed: where the next stage starts

A leg starts from the last good adapter with a fresh optimiser and its own seed, so it depends on
nothing of the legs before it but that adapter.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lemmata.data.order import Order
from lemmata.errors import BadRecipe
from lemmata.train.recipe import Recipe, Stage
from lemmata.train.rows import schedule

STAGES, START, GOOD, GATE = "stages", "start.safetensors", "good.safetensors", "gate.json"


@dataclass(frozen=True, slots=True)
class Leg:
    """One try at a stage. `steps` are the row numbers of each step; `first` counts the steps of the
    run before it; `start` is the adapter that it starts from."""

    stage: int
    name: str
    attempt: int
    first: int
    lr: float
    replay: float
    steps: tuple[tuple[int, ...], ...]
    seed: int
    start: Path

    @property
    def last(self) -> int:
        return self.first + len(self.steps)


def of(recipe: Recipe) -> tuple[Stage, ...]:
    """The stages of a recipe; one that names none is a single one."""
    return recipe.stages or (Stage("train"),)


def folder(run: Path, stage: int) -> Path:
    return run / STAGES / f"{stage:02}"


def tries(run: Path, stage: int) -> list[dict[str, Any]]:
    """The concluded tries at a stage, oldest first."""
    path = folder(run, stage) / GATE
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["tries"]
    return found


def good(run: Path, recipe: Recipe) -> Path:
    """The adapter that passed the last stage."""
    return folder(run, len(of(recipe)) - 1) / GOOD


@dataclass(frozen=True, slots=True)
class Course:
    """The legs of a run. `sources` are the row numbers by source, `difficulty` of every row where
    the recipe orders them, `held` the numbers of rows that are only held to the base."""

    run: Path
    recipe: Recipe
    sources: Mapping[str, range]
    difficulty: Sequence[float] | None = None
    held: range = range(0)

    def next(self) -> Leg | None:
        """The leg to run, or to go on with; None once the last stage has passed."""
        first = 0
        for number, stage in enumerate(of(self.recipe)):
            done = tries(self.run, number)
            first = done[-1]["last"] if done else first
            if not done or not done[-1]["passed"]:
                return self._leg(number, stage, done, first)
        return None

    def planned(self) -> tuple[tuple[int, ...], ...]:
        """The row numbers of every step if each gate passes at once."""
        return tuple(
            step
            for number, stage in enumerate(of(self.recipe))
            for step in self._steps(number, stage, 1, 0.0)
        )

    def total(self) -> int:
        """How many those are."""
        return len(self.planned())

    def _leg(self, number: int, stage: Stage, done: Sequence[Mapping[str, Any]], first: int) -> Leg:
        attempt = len(done) + 1
        lr, replay = stage.lr or self.recipe.lr, 0.0
        if done:
            lr, replay = done[-1]["next"]["lr"], done[-1]["next"]["replay"]
        start = folder(self.run, number - 1) / GOOD if number else self.run / STAGES / START
        steps = self._steps(number, stage, attempt, replay)
        seed = _seed(f"{self.recipe.seed}-{number}-{attempt}")
        return Leg(number, stage.name, attempt, first, lr, replay, steps, seed, start)

    def _steps(
        self, number: int, stage: Stage, attempt: int, replay: float
    ) -> tuple[tuple[int, ...], ...]:
        """A pure function of recipe and data, so that a resumed run continues it."""
        recipe = self.recipe
        rows = self._rows(stage)
        epochs, size = stage.epochs or recipe.epochs, recipe.rows_per_step
        if self.difficulty is None:
            places = schedule(len(rows), size, epochs, recipe.seed + number)
        else:
            places = self._paced([self.difficulty[row] for row in rows], size, epochs, number)
        pool = self._replayed(number) if replay else []
        rng = random.Random(f"{recipe.seed}-{number}-{attempt}")  # noqa: S311 - an order, no secret
        found = []
        for step in places:
            own = [rows[place] for place in step]
            extra = rng.choices(pool, k=math.ceil(replay * len(own))) if pool else []
            held = rng.choices(self.held, k=recipe.anchor_rows) if self.held else []
            found.append((*own, *extra, *held))
        return tuple(found)

    def _rows(self, stage: Stage) -> list[int]:
        names = stage.data or self.recipe.data
        rows = [row for name in dict.fromkeys(names) for row in self.sources[name]]
        if stage.rows is None:
            return rows
        if stage.rows > len(rows):
            raise BadRecipe(
                f"stage {stage.name!r} wants {stage.rows} rows and its data has {len(rows)}"
            )
        if self.difficulty is not None:
            hardness = self.difficulty
            rows = sorted(rows, key=lambda row: (hardness[row], row))
        return rows[: stage.rows]

    def _paced(
        self, difficulty: Sequence[float], size: int, epochs: int, number: int
    ) -> list[tuple[int, ...]]:
        """Steps that take the rows from easy to hard (`data.order`), each pass by itself."""
        order = Order.of("", self.recipe.order, difficulty, self.recipe.seed + number)
        steps = []
        for epoch in range(epochs):
            one = list(islice(order.rows(epoch * len(difficulty)), len(difficulty)))
            steps += [tuple(one[at : at + size]) for at in range(0, len(one), size)]
        return steps

    def _replayed(self, number: int) -> list[int]:
        """What may be replayed: the rows named for it, else those of the earlier stages."""
        if self.recipe.replay:
            return [row for name in self.recipe.replay for row in self.sources[name]]
        earlier = of(self.recipe)[:number]
        return sorted({row for stage in earlier for row in self._rows(stage)})

    def can_replay(self, number: int) -> bool:
        return bool(self._replayed(number))


def _seed(text: str) -> int:
    """63 bits for torch's generators."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
