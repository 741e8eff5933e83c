"""What a run came to, as a table for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lemmata.eval.compare import Comparison
    from lemmata.eval.contrasts import Contrast
    from lemmata.eval.metrics import Measures
    from lemmata.eval.results import Report
    from lemmata.train.intervals import Interval


def told(report: Report) -> str:
    """Cells, the paired comparisons between them, and where the rest is."""
    from lemmata.eval.plan import AXES

    plan = report.run.plan
    varying = [axis for axis in AXES if len({getattr(c.cell, axis) for c in report.cells}) > 1]
    named = varying or ["adapter"]
    heads = [*named, "problems", "accuracy", "95 % interval"]
    heads += [f"pass@{plan.k}", f"cons@{plan.k}"] if plan.k > 1 else []
    heads += ["tok/right", "s/right", "cut", "loops", "wrong steps"]
    rows = [
        [*(getattr(each.cell, axis) for axis in named), *_figures(each, plan.k)]
        for each in report.cells
    ]
    lines = [plan.title, "", *_table(heads, rows)]
    if report.contrasts:
        lines += ["", *_contrasts(report.contrasts, varying)]
    if report.run.refused:
        lines += ["", f"{len(report.run.refused)} rows were left out as unusable"]
    if not report.complete:
        lines += ["", "not complete: `lemmata eval resume` goes on"]
    return "\n".join([*lines, "", f"report:  {report.folder / 'report.html'}"])


def _figures(each: Measures, k: int) -> list[str]:
    """A cell's figures, in the order of the heads. `k` attempts at each item were asked for."""
    several = (each.pass_at.get(k), each.cons_at.get(k)) if k > 1 else ()
    return [
        str(each.items),
        _percent(each.accuracy),
        _range(each.accuracy),
        *map(_percent, several),
        _amount(each.tokens_per_right),
        _amount(each.seconds_per_right),
        _percent(each.truncated),
        _percent(each.looped),
        _percent(each.wrong_steps),
    ]


def compared(made: Comparison) -> str:
    """B against A."""
    from lemmata.eval.plan import AXES

    lines = [f"A: {made.a}", f"B: {made.b}", *made.notes, ""]
    lines += _contrasts(made.contrasts, AXES if len(made.contrasts) > 1 else ())
    for each in made.contrasts:
        lines += ["", f"better on {len(each.won)}: {_some(each.won)}"]
        lines += [f"worse on {len(each.lost)}: {_some(each.lost)}"]
    return "\n".join(lines)


def _contrasts(contrasts: Sequence[Contrast], varying: Sequence[str]) -> list[str]:
    rows = [
        [
            f"{each.b} - {each.a}",
            " ".join(each.at[axis] for axis in varying if axis in each.at and axis != each.axis),
            str(each.items),
            f"{100 * each.difference.value:+.1f} points",
            f"{100 * each.difference.low:+.1f} to {100 * each.difference.high:+.1f}",
            f"{each.p_better:.3f}",
        ]
        for each in contrasts
    ]
    heads = ["same problems", "at", "n", "difference", "95 % interval", "P(better)"]
    return _table(heads, rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as they need be, words to the left and figures to the right."""
    columns = list(zip(heads, *rows, strict=True))
    kept = [column for column in columns if any(column[1:])]
    aligned = [_aligned(column) for column in kept]
    return ["  ".join(cells).rstrip() for cells in zip(*aligned, strict=True)]


def _aligned(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    figures = all(cell[:1].isdigit() or cell[:1] in {"-", "+", "∞"} for cell in column[1:])
    return [cell.rjust(width) if figures else cell.ljust(width) for cell in column]


def _percent(share: Interval | None) -> str:
    """ "-" where there was nothing to measure it on."""
    return "-" if share is None else f"{100 * share.value:.1f} %"


def _range(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


def _amount(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    value = interval.value
    return f"{value:.0f}" if value >= 100 or math.isinf(value) else f"{value:.3g}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(names[:12]) or "none") + more
