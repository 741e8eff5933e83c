"""Two runs on the same problems: is B better than A, and how sure is that?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import BadInput
from lemmata.eval import folder as folders
from lemmata.eval import results
from lemmata.eval.contrasts import Contrast, paired
from lemmata.eval.folder import Run
from lemmata.eval.metrics import Attempts
from lemmata.eval.plan import AXES, Cell

Table = dict[Cell, list[Attempts]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`notes` tell what else differs between the runs, one line each."""

    a: Path
    b: Path
    contrasts: tuple[Contrast, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "a": str(self.a),
            "b": str(self.b),
            "contrasts": [asdict(contrast) for contrast in self.contrasts],
            "notes": list(self.notes),
        }


def compare(a: Path, b: Path) -> Comparison:
    """Cells that ask the same way are paired; where each run has one cell a language, those are.

    Raises BadInput where there is nothing to pair, BadData for a damaged folder.
    """
    (first, one), (second, two) = _read(a), _read(b)
    found = tuple(_pairs(one, two))
    if not found:
        raise BadInput(
            "the two runs have no way of asking and no problem in common",
            "Compare runs of one benchmark; problems are matched by their text and gold answer.",
        )
    return Comparison(a, b, found, tuple(_notes(first, second)))


def _read(place: Path) -> tuple[Run, Table]:
    run = folders.read(place)
    grades = folders.read_grades(place)
    if not grades:
        raise BadInput(f"{place} has no grades yet", f"Run: lemmata eval report {place}")
    return run, results.table(run, folders.read_predictions(place), grades)


def _pairs(one: Table, two: Table) -> Iterator[Contrast]:
    for cell, items in one.items():
        partner = cell if cell in two else _only(one, two, cell)
        if partner is None:
            continue
        first, second = _by_content(items), _by_content(two[partner])
        if common := [content for content in first if content in second]:
            at = {name: _both(getattr(cell, name), getattr(partner, name)) for name in AXES}
            made = paired("run", "A", "B", at, first, second, common)
            yield _named(made, first)


def _named(made: Contrast, first: dict[str, Attempts]) -> Contrast:
    """The same, with the problems named by their ids instead of their texts."""
    from dataclasses import replace

    won, lost = ([first[text].item.id for text in names] for names in (made.won, made.lost))
    return replace(made, won=tuple(won), lost=tuple(lost))


def _only(one: Table, two: Table, cell: Cell) -> Cell | None:
    """The other run's cell for the same language, where both runs have just one of those."""
    mine = [each for each in one if each.language == cell.language]
    theirs = [each for each in two if each.language == cell.language]
    return theirs[0] if len(mine) == len(theirs) == 1 else None


def _by_content(items: Sequence[Attempts]) -> dict[str, Attempts]:
    """Ids may be numbers in a file: the problem itself says which one it is."""
    return {f"{each.item.problem}\0{each.item.gold}": each for each in items}


def _both(a: str, b: str) -> str:
    return a if a == b else f"{a} → {b}"


def _notes(a: Run, b: Run) -> Iterator[str]:
    if a.model != b.model:
        yield f"models: {a.model.name} → {b.model.name}"
    for name in sorted(set(a.adapters) & set(b.adapters)):
        if a.adapters[name] != b.adapters[name]:
            yield f"adapter {name}: {a.adapters[name][:12]} → {b.adapters[name][:12]}"
    if a.plan.k != b.plan.k:
        yield f"attempts an item: {a.plan.k} → {b.plan.k}"
    if a.plan.sampling != b.plan.sampling:
        yield "sampling differs"
    if a.plan.grader != b.plan.grader:
        yield f"graders: {a.plan.grader} → {b.plan.grader}"
