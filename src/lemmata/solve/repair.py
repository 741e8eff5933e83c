"""Repair: the first wrong step is named to the model, which goes on from before it."""

from __future__ import annotations

from dataclasses import dataclass

from lemmata.solve.events import Candidate, Repair
from lemmata.solve.options import Options
from lemmata.solve.sample import Sample

MOST = 2
"""Repairs of one sample."""


@dataclass(frozen=True, slots=True)
class Again:
    """`kept` is the text before the wrong step; `told` the same with what was wrong behind it,
    which the model reads and the derivation does not contain."""

    number: int
    kept: str
    told: str
    event: Repair


def of(candidate: Candidate, sample: Sample, how: Options, before: int) -> Again | None:
    """How to go on with a candidate that has a wrong step, under the strategy `repair`."""
    if how.strategy != "repair" or not candidate.fails or before >= MOST:
        return None
    from lemmata.verify import verify_steps

    report = verify_steps(candidate.derivation)
    if report.first_wrong is None:
        return None
    step = report.steps[report.first_wrong]
    start = sample.text.rfind(candidate.derivation)
    if start < 0:
        return None
    kept = sample.text[: start + step.start]
    told = f"{kept}({step.text.strip()} is wrong: {step.reason}. Once more:)\n"
    return Again(before + 1, kept, told, Repair(candidate.sample, report.first_wrong, step.reason))
