"""A run is one folder:

    run.json           the plan, the model and the adapters by hash, what was left out and why
    items.jsonl        the problems as asked, with their gold answers
    predictions.jsonl  every attempt, appended as it comes
    grades.jsonl       what each is worth; written anew by `lemmata eval rescore`
    results.json       measures and paired comparisons
    report.html        the same to look at, every item to click; needs nothing else

One process at a time works in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lemmata import whole
from lemmata.errors import BadData, BadInput
from lemmata.eval import item as items
from lemmata.eval import plan as plans
from lemmata.eval import predictions
from lemmata.eval.graders.base import Grade, as_row
from lemmata.eval.graders.base import from_row as grade_of
from lemmata.eval.identity import ModelIdentity
from lemmata.eval.item import Item
from lemmata.eval.items import Refused
from lemmata.eval.plan import Plan
from lemmata.eval.predictions import Prediction

FORMAT = 1
RUN, ITEMS, PREDICTIONS = "run.json", "items.jsonl", "predictions.jsonl"
GRADES, RESULTS, REPORT = "grades.jsonl", "results.json", "report.html"


@dataclass(frozen=True, slots=True)
class Run:
    """What was set out to do, on which problems, with which weights. `adapters` maps each name to
    its content hash, "" where the server keeps that to itself."""

    plan: Plan
    model: ModelIdentity
    adapters: Mapping[str, str]
    items: tuple[Item, ...]
    refused: tuple[Refused, ...] = ()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder. Raises BadInput where another process does, or it is no folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise BadInput(f"{folder} is a file", "Name a folder.") from error
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise BadInput(f"cannot make the folder {folder}", "Name another with --out.") from error
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BadInput(
            f"another run is at work in {folder}", "Wait for it, or name another folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def held(folder: Path) -> Iterator[Run]:
    """The run of a folder, which is locked meanwhile. Raises BadInput where there is none (and
    then makes no folder), BadData."""
    read(folder)
    with locked(folder):
        yield read(folder)


def begin(folder: Path, run: Run) -> Run:
    """Write a new run down, or find that the folder holds the same one, begun before.

    Raises BadInput where it holds another.
    """
    if (folder / RUN).exists():
        former = read(folder)
        _same(folder, former, run)
        return former
    _lines(folder / ITEMS, (items.as_row(item) for item in run.items))
    write_json(folder / RUN, {
        "format": FORMAT,
        "plan": run.plan.as_json(),
        "model": asdict(run.model),
        "adapters": dict(run.adapters),
        "refused": [asdict(each) for each in run.refused],
    })  # fmt: skip
    return run


def _same(folder: Path, former: Run, run: Run) -> None:
    what = plans.difference(former.plan, run.plan)
    if not what and former.model != run.model:
        what = f"model: {former.model.name} {former.model.weights[:12]}"
    if not what and dict(former.adapters) != dict(run.adapters):
        what = "an adapter has other weights"
    if not what and former.items != run.items:
        what = "other problems"
    if what:
        raise BadInput(f"{folder} holds another run ({what})", "Name another folder with --out.")


def read(folder: Path) -> Run:
    """The run of a folder. Raises BadInput where there is none, BadData where it is damaged."""
    if not (folder / RUN).is_file():
        raise BadInput(f"{folder} holds no run", "`lemmata eval list` shows them.")
    try:
        told = json.loads((folder / RUN).read_bytes())
        rows = (folder / ITEMS).read_bytes().splitlines()  # text has more kinds of line ends
        return Run(
            plans.from_json(told["plan"]),
            ModelIdentity(**told["model"]),
            told["adapters"],
            tuple(items.from_row(json.loads(row)) for row in rows),
            tuple(Refused(**each) for each in told["refused"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadData(f"the run in {folder} cannot be read ({error})", "Run it anew.") from error


def read_predictions(folder: Path) -> dict[str, Prediction]:
    """The attempts so far, by slot; a torn last line is not one of them."""
    path = folder / PREDICTIONS
    data = path.read_bytes() if path.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    return {row.slot: row for row in predictions.read_lines(path, whole)}


def read_grades(folder: Path) -> dict[str, Grade]:
    """Grades by slot. Raises BadData."""
    path = folder / GRADES
    if not path.exists():
        return {}
    try:
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        return {row.pop("slot"): grade_of(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadData(
            f"{path} cannot be read ({error})", f"Run: lemmata eval rescore {folder}"
        ) from error


def write_grades(folder: Path, grades: Mapping[str, Grade]) -> None:
    _lines(folder / GRADES, ({"slot": slot, **as_row(grade)} for slot, grade in grades.items()))


def write_json(path: Path, value: Any) -> None:
    """Whole or not at all. Raises DiskFull."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_text(path: Path, text: str) -> None:
    """Write beside the place, flush, rename. Raises DiskFull."""
    try:
        whole.write(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise predictions.full(error, path) from error
