"""What bench/vote.py reports: means with intervals, pairs on the same problems, tables."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from typing import Any

from vote_replay import Outcome

DRAWS = 10_000


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    rights = [outcome.right for outcome in outcomes]
    low, high = interval([float(right) for right in rights])
    return {
        "accuracy": round(statistics.mean(rights), 4),
        "low": low,
        "high": high,
        "tokens": round(statistics.mean(outcome.tokens for outcome in outcomes), 1),
        "steps": round(statistics.mean(outcome.steps for outcome in outcomes), 1),
        "derivations": round(statistics.mean(outcome.begun for outcome in outcomes), 2),
    }


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of the mean, by the bootstrap over problems."""
    draw = random.Random(0)
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(DRAWS))
    return round(means[int(0.025 * DRAWS)], 4), round(means[int(0.975 * DRAWS)], 4)


def paired(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> dict[str, Any]:
    """Accuracy and tokens of ours against theirs on the same problems."""
    gains = [float(a.right) - float(b.right) for a, b in zip(ours, theirs, strict=True)]
    low, high = interval(gains)
    share = sum(a.tokens for a in ours) / sum(b.tokens for b in theirs)
    return {
        "gain": round(statistics.fmean(gains), 4), "low": low, "high": high,
        "tokens": round(share, 4),
    }  # fmt: skip


def tables(document: dict[str, Any]) -> str:
    """The Markdown tables of docs/results.md."""
    parts = []
    for family, found in sorted(document["replay"].items()):
        parts += [
            f"| {family}, {found['problems']} problems | right | tokens | derivations begun |",
            "|---|---|---|---|",
            *(_row(name, row) for name, row in found["strategies"].items()), "",
        ]  # fmt: skip
    parts += [
        "| on the same problems | family | difference, points | tokens |",
        "|---|---|---|---|",
    ]
    for family, found in sorted(document["replay"].items()):
        parts += [_contrast(name, family, row) for name, row in found["paired"].items()]
    for family, found in sorted(document.get("optillm", {}).items()):
        name = f"early + steps / optillm, {found['samples']} samples"
        parts.append(_contrast(name, family, found["paired"]))
    parts += ["", "| really solved | family | right | tokens | seconds |", "|---|---|---|---|---|"]
    for family, found in sorted(document.get("live", {}).items()):
        parts += [
            f"| {name} | {family}, {found['problems']} problems | {100 * row['right']:.0f} % "
            f"| {row['tokens']:.0f} | {row['seconds']:.1f} |"
            for name, row in found["live"].items()
        ]
    return "\n".join(parts)


def _row(name: str, row: dict[str, Any]) -> str:
    right, low, high = (f"{100 * row[key]:.0f}" for key in ("accuracy", "low", "high"))
    return f"| {name} | {right} % ({low} to {high}) | {row['tokens']:.0f} | {row['derivations']} |"


def _contrast(name: str, family: str, row: dict[str, Any]) -> str:
    gain, low, high = (f"{100 * row[key]:+.0f}" for key in ("gain", "low", "high"))
    ours, _, theirs = name.partition(" / ")
    return (
        f"| {ours} − {theirs} | {family} | {gain} ({low} to {high}) | {row['tokens']:.2f} of it |"
    )
