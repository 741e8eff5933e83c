"""A run from its declaration to its report; interrupted anywhere, it goes on where it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lemmata.engines.base import Engine
from lemmata.errors import BadInput
from lemmata.eval import folder as folders
from lemmata.eval import generate, graders, identity, results
from lemmata.eval.folder import Run
from lemmata.eval.generate import Patience, Wanted
from lemmata.eval.graders import Grade, Grader
from lemmata.eval.item import Item
from lemmata.eval.plan import BASE, Cell, Plan
from lemmata.eval.predictions import Book, Cache, Prediction
from lemmata.eval.report import page
from lemmata.eval.results import Report
from lemmata.eval.strategies import Attempt


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run is. `right` of `done`; `eta_s` seconds, None until there is something to tell
    it from; `kept` of the done ones were there before."""

    done: int
    total: int
    right: int
    kept: int
    eta_s: float | None


Watch = Callable[[Standing], None]


@dataclass(frozen=True, slots=True)
class Means:
    """What a run works with."""

    at_once: int = generate.LOCAL
    patience: Patience = field(default_factory=Patience)
    cache: Path | None = None
    """Of exact predictions; None: none."""
    watch: Watch = lambda _: None


async def evaluate(run: Run, engine: Engine, place: Path, means: Means) -> Report:
    """Make what is not made yet, grade it, and write the report.

    Raises BadInput (the folder holds another run, or another process is in it), EngineDied,
    DiskFull. What is finished by then is kept.
    """
    with folders.locked(place):
        run = folders.begin(place, run)
        grader = graders.find(run.plan.grader)
        with closing(Book(place / folders.PREDICTIONS)) as book:
            cache = Cache(means.cache) if means.cache and run.model.exact else None
            try:
                grades = await _fill(run, engine, book, cache, grader, means)
            finally:
                if cache is not None:
                    cache.close()
            return _finish(place, run, book.rows, grades)


async def _fill(
    run: Run, engine: Engine, book: Book, cache: Cache | None, grader: Grader, means: Means
) -> dict[str, Grade]:
    """Grades of all attempts of the plan, the missing ones made first."""
    everything = list(_wanted(run, engine))
    missing = [each for each in everything if not _found(each, book, cache)]
    by_id = {item.id: item for item in run.items}
    grades: dict[str, Grade] = {}
    tally = _Tally(len(everything), len(everything) - len(missing), means.watch)

    async def judge(prediction: Prediction) -> None:
        grade = await asyncio.to_thread(_grade, grader, by_id[prediction.item], prediction)
        grades[prediction.slot] = grade
        tally.add(grade)

    async def keep(prediction: Prediction) -> None:
        book.add(prediction)
        if cache is not None and not prediction.refused:
            cache.put(prediction)
        await judge(prediction)

    missed = {each.slot for each in missing}
    for each in everything:
        if each.slot not in missed:
            await judge(book.rows[each.slot])
    await generate.run(engine, missing, keep, means.at_once, means.patience)
    return grades


def _found(wanted: Wanted, book: Book, cache: Cache | None) -> bool:
    """Whether the book has this very attempt, if need be from the cache."""
    row = book.rows.get(wanted.slot)
    if row is not None and row.key == wanted.key:
        return True
    known = cache.get(wanted.key) if cache is not None else None
    if known is None:
        return False
    place = {"item": wanted.attempt.item.id, "cell": wanted.cell, "attempt": wanted.attempt.number}
    book.add(Prediction(**{**known, **place}))
    return True


class _Tally:
    """Counts for whoever watches. The time that is left is told from this session's own pace."""

    def __init__(self, total: int, kept: int, watch: Watch) -> None:
        self._total, self._kept, self._watch = total, kept, watch
        self._done = self._right = 0
        self._began = time.monotonic()

    def add(self, grade: Grade) -> None:
        self._done += 1
        self._right += grade.state == "correct"
        if self._done == self._kept:
            self._began = time.monotonic()
        fresh = self._done - self._kept
        eta = None
        if fresh > 0:
            pace = (time.monotonic() - self._began) / fresh
            eta = pace * (self._total - self._done)
        self._watch(Standing(self._done, self._total, self._right, self._kept, eta))


def _grade(grader: Grader, item: Item, prediction: Prediction) -> Grade:
    if prediction.refused:
        return Grade("incorrect", prediction.refused)
    return grader.grade(item, prediction.text, prediction.finish_reason == "stop")


def _wanted(run: Run, engine: Engine) -> Iterator[Wanted]:
    """Every attempt of the plan with its key, one cell after the other: an engine that changes
    adapters all the time is slow."""
    prompts: dict[tuple[str, ...], Any] = {}
    for cell in run.plan.cells:
        adapter = None if cell.adapter == BASE else cell.adapter
        for item in run.items:
            if item.language != cell.language:
                continue
            for number in range(run.plan.k):
                attempt = _attempt(run.plan, cell, item, adapter, number)
                asked = (item.id, cell.role, cell.policy, cell.adapter)
                if asked not in prompts:
                    prompts[asked] = identity.prompt_of(engine, run.model.exact, attempt.messages)
                yield Wanted(_key(run, attempt, prompts[asked]), cell.id, attempt)


def _attempt(told: Plan, cell: Cell, item: Item, adapter: str | None, number: int) -> Attempt:
    seed = (told.sampling.seed or 0) + number
    return Attempt(
        item, cell.role, cell.policy, adapter, cell.strategy, replace(told.sampling, seed=seed),
        told.stop_loops, told.thinking_budget, number,
    )  # fmt: skip


def _key(run: Run, attempt: Attempt, prompt: Any) -> str:
    """Of a strategy that is more than one request, our own version decides too."""
    from lemmata import __version__

    how = {
        "strategy": attempt.strategy,
        "version": "" if attempt.strategy == "sample" else __version__,
        "stop_loops": attempt.stop_loops,
        "thinking_budget": attempt.thinking_budget,
        "attempt": attempt.number,
    }
    adapter = run.adapters.get(attempt.adapter, "") if attempt.adapter else ""
    if not run.model.exact:
        how["item"] = attempt.item.id
        how["adapter"] = attempt.adapter
    return identity.key(run.model, adapter, prompt, attempt.sampling, how)


def rescore(place: Path, watch: Watch = lambda _: None) -> Report:
    """Grade what was written again, with the verifiers of today; generates nothing.

    Raises BadInput, BadData, EnvironmentMissing.
    """
    with folders.held(place) as run:
        made = folders.read_predictions(place)
        by_id = {item.id: item for item in run.items}
        grader = graders.find(run.plan.grader)
        tally = _Tally(len(made), 0, watch)
        grades: dict[str, Grade] = {}
        for slot, prediction in made.items():
            grades[slot] = _grade(grader, by_id[prediction.item], prediction)
            tally.add(grades[slot])
        return _finish(place, run, made, grades)


def again(place: Path) -> Report:
    """The report of a folder, written again from its predictions and grades; attempts that were
    made but not yet graded (an interrupted run's) are graded."""
    with folders.held(place) as run:
        made = folders.read_predictions(place)
        grades = folders.read_grades(place)
        grader = graders.find(run.plan.grader)
        by_id = {item.id: item for item in run.items}
        for slot, prediction in made.items():
            if slot not in grades:
                grades[slot] = _grade(grader, by_id[prediction.item], prediction)
        return _finish(place, run, made, grades)


def _finish(
    place: Path, run: Run, made: Mapping[str, Prediction], grades: Mapping[str, Grade]
) -> Report:
    if not grades:
        raise BadInput(f"nothing has been answered yet in {place}", "Run it first.")
    folders.write_grades(place, grades)
    told = results.of(place, run, made, grades)
    folders.write_json(place / folders.RESULTS, told.as_json())
    folders.write_text(place / folders.REPORT, page(told, results.table(run, made, grades)))
    return told
