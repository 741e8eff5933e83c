"""Raw rows to items: which column is what, and every fault named with its line.

A gold answer must pass its own verifier; a row that does not is as bad as one that cannot be read.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

from lemmata.data.row import Raw
from lemmata.errors import BadData
from lemmata.eval import program_rows
from lemmata.eval.graders import Grader
from lemmata.eval.item import Item
from lemmata.models.progress import Progress, silent
from lemmata.prompts.language import Language, detect

PROBLEM = ("problem", "question", "prompt", "input", "query", "instruction")
GOLD = ("gold", "answer", "answer_number", "final_answer", "solution", "target", "output")
_AT_ONCE = 4
"""Gold answers that are checked at the same time."""
_PATIENCE_S = 2.0
"""Seconds before progress is told: most checks are over by then."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Column names. `problem` may be a table of one column a language: a paired benchmark.

    `gold_after`: the gold is what follows the last such mark in its column. `group`: rows with the
    same value there are taken to succeed or fail together.
    """

    problem: str | Mapping[str, str] = ""
    gold: str = ""
    id: str = "id"
    gold_after: str = "####"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be used, in one line."""

    place: str
    why: str


def fields_of(declared: Mapping[str, Any]) -> Fields:
    """Raises BadData for a name that is not a field's."""
    known = {field.name for field in fields(Fields)}
    for key in declared:
        if key not in known:
            raise BadData(f"[fields] has no {key!r}", f"It may have: {', '.join(sorted(known))}.")
    return Fields(**declared)


def read(rows: Iterable[Raw], declared: Mapping[str, Any], task: str) -> Iterator[Item | Refused]:
    """The items of raw rows, in order; a paired row gives one item a language."""
    told = fields_of(declared)
    for number, raw in enumerate(rows):
        place = f"{raw.source}:{raw.line}"
        if raw.fault:
            yield Refused(place, raw.fault)
            continue
        try:
            yield from _items(raw.fields, told, task, number)
        except ValueError as error:
            yield Refused(place, str(error))


def _items(row: Mapping[str, Any], told: Fields, task: str, number: int) -> Iterator[Item]:
    named = [row[key] for key in (told.id, "task_id") if row.get(key) is not None]
    pair = str(next((name for name in named if name != ""), number))
    group = str(row[told.group]) if told.group and told.group in row else pair
    program = program_rows.read(row) if not told.problem else None
    if program is not None:
        spoken = detect(program.problem)
        yield Item(pair, pair, group, spoken, program.problem, program.gold, "code", program.extra)
        return
    columns = _columns(row, told)
    gold = _gold(row, told)
    for asked, column in columns.items():
        text = _text(row, column)
        language: Language = asked if asked else detect(text)  # type: ignore[assignment]
        item_id = f"{pair}-{asked}" if len(columns) > 1 else pair
        yield Item(item_id, pair, group, language, text, gold, task)


def _columns(row: Mapping[str, Any], told: Fields) -> dict[str, str]:
    """Language ("" for: look) to the column of the problem."""
    if isinstance(told.problem, Mapping):
        return {str(language): str(column) for language, column in told.problem.items()}
    if told.problem:
        return {"": told.problem}
    if "en" in row and "zh" in row:
        return {"en": "en", "zh": "zh"}
    found = next((name for name in PROBLEM if name in row), None)
    if found is None:
        raise ValueError(f"no column for the problem (known: {', '.join(PROBLEM)})")
    return {"": found}


def _gold(row: Mapping[str, Any], told: Fields) -> str:
    column = told.gold or next((name for name in GOLD if name in row), None)
    if column is None:
        raise ValueError(f"no column for the gold answer (known: {', '.join(GOLD)})")
    text = _text(row, column)
    return text.rsplit(told.gold_after, 1)[1].strip() if told.gold_after in text else text


def _text(row: Mapping[str, Any], column: str) -> str:
    if column not in row:
        raise ValueError(f"no column {column!r}")
    value = row[column]
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"column {column!r} holds no text but {type(value).__name__}")
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if not text.strip():
        raise ValueError(f"column {column!r} is empty")
    return text.strip()


def choose(
    found: Iterable[Item | Refused], languages: Sequence[str], limit: int | None
) -> tuple[list[Item], list[Refused]]:
    """The first `limit` problems (a problem with its translations counts once) in the languages
    asked for (none: all)."""
    items: list[Item] = []
    refused: list[Refused] = []
    pairs: dict[str, None] = {}
    for item in found:
        if isinstance(item, Refused):
            refused.append(item)
            continue
        if languages and item.language not in languages:
            continue
        if limit is not None and item.pair not in pairs and len(pairs) >= limit:
            break
        pairs[item.pair] = None
        items.append(item)
    return items, refused


def check(
    items: Sequence[Item], grader: Grader, progress: Progress = silent
) -> tuple[list[Item], list[Refused]]:
    """Items whose gold answer passes its own verifier, and those whose does not."""
    good, bad = [], []
    began = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # programs are waited for, not computed here
        faults = pool.map(grader.fault_of_gold, items)
        for number, (item, why) in enumerate(zip(items, faults, strict=True), 1):
            if time.monotonic() - began > _PATIENCE_S:
                progress("checking gold answers", number, len(items))
            if why:
                bad.append(Refused(f"item {item.id}", f"its gold answer {item.gold[:40]!r} {why}"))
            else:
                good.append(item)
    return good, bad


def distinct(found: Iterable[Item | Refused]) -> Iterator[Item | Refused]:
    """The same, items with ids of their own: a repeated id gets a number."""
    seen: dict[str, int] = {}
    for item in found:
        if isinstance(item, Item):
            seen[item.id] = count = seen.get(item.id, 0) + 1
            if count > 1:
                suffix = f"#{count}"
                item = dataclasses.replace(item, id=item.id + suffix, pair=item.pair + suffix)
        yield item
