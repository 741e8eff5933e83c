"""The strength dial: how much of an adapter is best, measured before it is baked in.

An adapter adds s * (alpha / r) * B A with s = 1; less of it may forget less at the same target
accuracy, and sometimes more is better (Ilharco et al. 2023, "Editing Models with Task Arithmetic",
arXiv:2212.04089). The engine takes s with each request, so nothing is written for a sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.train.gate_checks import Asked, right_shares
from lemmata.train.gates import Gates
from lemmata.train.intervals import Interval


@dataclass(frozen=True, slots=True)
class Setting:
    """What came of one strength; `kept` says whether the retention stays above its floor."""

    strength: float
    target: Interval
    retention: Interval
    kept: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def sweep(gates: Gates, strengths: Sequence[float]) -> list[Setting]:
    """Both sets at every strength; the candidate must be loaded."""
    return [_setting(gates, strength) for strength in sorted(strengths)]


def best(settings: Sequence[Setting]) -> Setting | None:
    """The best target among those that keep enough; of equals the strength nearest to 1, then the
    weaker. None: none keeps enough."""
    kept = [setting for setting in settings if setting.kept]
    return max(
        kept, key=lambda one: (one.target.value, -abs(one.strength - 1), -one.strength),
        default=None,
    )  # fmt: skip


def _setting(gates: Gates, strength: float) -> Setting:
    answers = gates.after(f"strength {strength:g}", strength)
    target, retention = (
        Asked(questions, old, new)
        for questions, old, new in zip(gates.sets, gates.before(), answers, strict=True)
    )
    _, reached = right_shares(target)
    base, keeps = right_shares(retention)
    floor = base.value - gates.run.recipe.retention_loss
    return Setting(strength, reached, keeps, keeps.value >= floor - 1e-9)
