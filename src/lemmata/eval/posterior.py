"""How far a measurement may be believed: posteriors of means over items, without normal theory.

The method is the Bayesian bootstrap (Rubin, Annals of Statistics 9, 1981) over groups of items,
with the base measure of a Dirichlet process (Ferguson, Annals of Statistics 1, 1973) made of one
pseudo-item at each end of the scale. For right or wrong answers, one attempt an item, the posterior
of the accuracy is then exactly Beta(right + 1, wrong + 1): the one that Bowyer, Aitchison and
Ivanova advise below a few hundred items (arXiv 2503.01747), where the normal interval is too small
and 0 of 30 would be "0 % to 0 %". Several attempts at an item, and items of one group, are not
independent: a weight is drawn for each group and shared by all in it (a cluster bootstrap).

Intervals are the shortest that hold 95 % of the draws. Draws come from a fixed seed, so that the
same measurements give the same digits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lemmata.train.intervals import Interval

DRAWS = 4000
LEVEL = 0.95
_SEED = 20_260_101
Values = NDArray[np.float64]


def mean(
    scores: Sequence[float],
    groups: Sequence[str],
    *,
    low: float = 0.0,
    high: float = 1.0,
    seed: int = _SEED,
) -> Interval:
    """The mean of `scores` (one an item, each in [low, high]) with its interval; `groups[i]` names
    item i's group. Raises ValueError for no items."""
    drawn = _draws(scores, np.ones(len(scores)), groups, (low, high), seed)
    return _summary(float(np.mean(scores)), drawn)


def better(
    differences: Sequence[float], groups: Sequence[str], seed: int = _SEED
) -> tuple[Interval, float]:
    """The mean of paired differences, each in [-1, 1], and the probability that it is above 0."""
    drawn = _draws(differences, np.ones(len(differences)), groups, (-1.0, 1.0), seed)
    above = float(np.mean(drawn > 0) + np.mean(drawn == 0) / 2)
    return _summary(float(np.mean(differences)), drawn), above


def rate(
    events: Sequence[float], chances: Sequence[float], groups: Sequence[str], seed: int = _SEED
) -> Interval | None:
    """Events a chance, both counted an item (wrong steps among checked ones), in [0, 1]; None where
    there was no chance."""
    total = float(np.sum(chances))
    if total <= 0:
        return None
    return _summary(
        float(np.sum(events)) / total, _draws(events, np.asarray(chances), groups, (0.0, 1.0), seed)
    )


def cost(
    spent: Sequence[float], right: Sequence[float], groups: Sequence[str], seed: int = _SEED
) -> Interval | None:
    """What was spent for each right answer; None where nothing was right. Unbounded, so without
    pseudo-items; the upper end is infinite where too few were right to tell."""
    total = float(np.sum(right))
    if total <= 0:
        return None
    names = sorted(set(groups))
    rng = np.random.default_rng(seed)
    weights = rng.standard_exponential((DRAWS, len(names)))
    above, below = (weights @ _by_group(values, groups, names) for values in (spent, right))
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.where(below > 0, above / below, np.inf)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="higher")
    return Interval(float(np.sum(spent)) / total, float(low), float(high))


def _draws(
    events: Sequence[float],
    chances: Values,
    groups: Sequence[str],
    ends: tuple[float, float],
    seed: int,
) -> Values:
    """Draws of sum(events) / sum(chances), a pseudo-item of mean size at each end."""
    if not len(events):
        raise ValueError("there are no items")
    names = sorted(set(groups))
    size = float(np.sum(chances)) / len(names)
    above = np.append(_by_group(events, groups, names), [size * end for end in ends])
    below = np.append(_by_group(chances, groups, names), [size, size])
    rng = np.random.default_rng(seed)
    weights = rng.standard_exponential((DRAWS, len(above)))
    return np.asarray((weights @ above) / (weights @ below))


def _by_group(values: Sequence[float] | Values, groups: Sequence[str], names: list[str]) -> Values:
    place = {name: number for number, name in enumerate(names)}
    index = np.array([place[group] for group in groups])
    totals = np.bincount(index, weights=np.asarray(values, float), minlength=len(names))
    return np.asarray(totals, np.float64)


def _summary(value: float, drawn: Values) -> Interval:
    """The shortest interval that holds 95 % of the draws, and the value where it lies outside."""
    ordered = np.sort(drawn)
    inside = int(np.ceil(LEVEL * len(ordered)))
    widths = ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]
    start = int(np.argmin(widths))
    low, high = float(ordered[start]), float(ordered[start + inside - 1])
    return Interval(value, min(low, value), max(high, value))
