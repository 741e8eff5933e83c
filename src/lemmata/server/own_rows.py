"""Rows that a person uploaded, as problems to measure on."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from lemmata.data import examples
from lemmata.types import Example

HELD_OUT = "heldout.jsonl"
TO_MEASURE = "to-measure.jsonl"


def to_measure(path: Path, prepared: Path) -> Path:
    """The file for `lemmata eval run`: of an upload that was prepared for tuning the part that was
    held out, else the upload itself. Raises BadData where the prepared rows are broken."""
    held_out = prepared / HELD_OUT
    if not held_out.exists() or not held_out.stat().st_size:
        return path
    lines = [_line(example) for example in examples.load(held_out)]
    handle, new = tempfile.mkstemp(dir=prepared)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(lines)
    os.replace(new, prepared / TO_MEASURE)
    return prepared / TO_MEASURE


def _line(example: Example) -> str:
    gold = str(example.meta.get("gold") or example.completion)
    row = {"problem": examples.problem(example), "gold": gold}
    return json.dumps(row, ensure_ascii=False) + "\n"
