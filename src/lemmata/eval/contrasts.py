"""Paired comparisons: two ways to ask, on the same problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lemmata.eval import posterior
from lemmata.eval.metrics import Attempts
from lemmata.eval.plan import AXES, Cell
from lemmata.train.intervals import Interval

Table = Mapping[Cell, Sequence[Attempts]]


@dataclass(frozen=True, slots=True)
class Contrast:
    """`b` less `a` along one axis with all else equal. `won` and `lost` name problems on which b
    did better and worse."""

    axis: str
    a: str
    b: str
    at: dict[str, str]
    items: int
    difference: Interval
    p_better: float
    """The probability that b is the better of the two, given what was measured."""
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def along(table: Table) -> Iterator[Contrast]:
    """Every value of every axis against the first value of that axis. Chinese against English is
    among them: there the pairs are the translations of one problem."""
    for axis in AXES:
        values = list(dict.fromkeys(getattr(cell, axis) for cell in table))
        for cell in table:
            if getattr(cell, axis) != values[0]:
                continue
            for other in table:
                if _differs_only_in(axis, cell, other) and getattr(other, axis) != values[0]:
                    yield from _contrast(axis, cell, other, table)


def _differs_only_in(axis: str, cell: Cell, other: Cell) -> bool:
    return all(getattr(cell, name) == getattr(other, name) for name in AXES if name != axis)


def _contrast(axis: str, a: Cell, b: Cell, table: Table) -> Iterator[Contrast]:
    first, second = _by_problem(table[a]), _by_problem(table[b])
    if common := [pair for pair in first if pair in second]:
        at = {name: getattr(a, name) for name in AXES if name != axis}
        yield paired(axis, getattr(a, axis), getattr(b, axis), at, first, second, common)


def _by_problem(items: Sequence[Attempts]) -> dict[str, Attempts]:
    return {each.item.pair: each for each in items}


def paired(
    axis: str,
    a: str,
    b: str,
    at: dict[str, str],
    first: Mapping[str, Attempts],
    second: Mapping[str, Attempts],
    common: Sequence[str],
) -> Contrast:
    """The contrast of two sets of attempts at the problems in `common`."""
    differences = {pair: second[pair].score - first[pair].score for pair in common}
    groups = [first[pair].item.group for pair in common]
    difference, p_better = posterior.better(list(differences.values()), groups)
    won = tuple(pair for pair, change in differences.items() if change > 0)
    lost = tuple(pair for pair, change in differences.items() if change < 0)
    return Contrast(axis, a, b, at, len(common), difference, p_better, won, lost)
