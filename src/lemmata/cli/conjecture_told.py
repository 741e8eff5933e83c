"""What `lemmata conjecture` tells: its progress on stderr, the report on stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemmata.apps.conjecture import Event, Outcome, Spec
    from lemmata.apps.conjecture.language.words import Language


def show(event: Event) -> None:
    from lemmata.apps.conjecture import Found, Note, Progress, Started

    match event:
        case Started(covered=covered, resumed=True):
            print(f"covered so far: {covered:,}", file=sys.stderr)
        case Progress():
            goal = f" of {event.goal:,}" if event.goal is not None else ""
            eta = f", {event.eta:,.0f} s left" if event.eta is not None else ""
            line = f"{event.method}: {event.covered:,}{goal}, {event.rate:,.0f} points/s{eta}"
            # On a terminal the line is drawn over; a log gets a line each time.
            end = "\r" if sys.stderr.isatty() else "\n"
            print(f"{line:<78}", end=end, file=sys.stderr, flush=True)
        case Found():
            print(f"found by {event.method}: {event.said}", file=sys.stderr)
        case Note():
            print(f"lemmata: {event.text}", file=sys.stderr)


def tell(
    spec: Spec,
    outcome: Outcome,
    folder: Path | None,
    from_model: tuple[str, str],
    as_json: bool,
    tongue: Language,
) -> None:
    """The report: its folder, then stdout. `from_model`: the background, and who wrote the spec."""
    from lemmata.apps.conjecture import report, write_report

    if folder is not None:
        document = write_report(folder, spec, outcome, *from_model)
    else:
        document = report(spec, outcome, *from_model)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    zh = tongue == "zh"
    _print_cases(document["cases"], tongue)
    for miss in outcome.near[:3]:
        name = "险些" if zh else "near miss"
        print(f"{name}: {json.dumps(miss['point'])} ({miss['measure']:g})")
    print(document["known_zh" if zh else "known"])
    if zh:
        print(f"{outcome.points:,} 个点，{outcome.seconds:.1f} 秒，随机种子 {outcome.seed}")
    else:
        print(f"{outcome.points:,} points, {outcome.seconds:.1f} s, seed {outcome.seed}")
    if document["background"]:
        said = (
            "背景（模型所写，未经验证）："
            if zh
            else "background (written by a model, unverified): "
        )
        print(f"{said}{from_model[0]}")
    if folder is not None:
        print(f"report: {folder / 'report.md'}", file=sys.stderr)


def _print_cases(cases: dict[str, Any] | None, tongue: Language) -> None:
    """The first cases as an aligned table."""
    from lemmata.apps.conjecture.report.figures import cells

    if cases is None or not cases["rows"]:
        return
    rows = [cells(row, tongue) for row in (cases["columns"], *cases["rows"])]
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(_width(row[i]) for row in texts) for i in range(len(texts[0]))]
    for row in texts:
        padded = [" " * (w - _width(cell)) + cell for cell, w in zip(row, widths, strict=True)]
        print("  ".join(padded))
    print()


def _width(text: str) -> int:
    """Columns on a terminal: Chinese signs take two."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def code(outcome: Outcome) -> int:
    if outcome.state == "refuted":
        return 1
    return 130 if outcome.interrupted else 0
