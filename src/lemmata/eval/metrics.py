"""What one cell of a run came to: accuracy, votes, costs and faults, each with its interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from lemmata.eval import posterior
from lemmata.eval.graders import Grade
from lemmata.eval.item import Item
from lemmata.eval.plan import Cell
from lemmata.eval.predictions import Prediction
from lemmata.train.intervals import Interval

SUBSETS = 2000
"""Random subsets of the attempts by which cons@k is averaged, below all of them."""
Same = Callable[[Item, str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Attempts:
    """One item's attempts in one cell, in order."""

    item: Item
    predictions: tuple[Prediction, ...]
    grades: tuple[Grade, ...]

    @property
    def right(self) -> int:
        return sum(grade.state == "correct" for grade in self.grades)

    @property
    def score(self) -> float:
        """The share of attempts that are right."""
        return self.right / len(self.grades)


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares are of 1, tokens and seconds plain. `None`: there was nothing to measure it on."""

    cell: Cell
    items: int
    attempts: int
    accuracy: Interval
    """avg@k: the mean over items of the share of right attempts; an estimate of pass@1."""
    pass_at: dict[int, Interval]
    cons_at: dict[int, Interval]
    tokens: int
    seconds: float
    tokens_per_right: Interval | None
    seconds_per_right: Interval | None
    truncated: Interval
    looped: Interval
    undecided: Interval
    refused: int
    """Attempts that the engine would not take, a prompt beyond the context."""
    wrong_steps: Interval | None
    """Steps that fail among those that could be checked."""
    checked_steps: int
    same_language: Interval
    """Attempts written in the language of the question."""


def pass_at(k: int, attempts: int, right: int) -> float:
    """The probability that of k attempts drawn without replacement one is right, unbiased:
    1 - C(n-c, k) / C(n, k) (Chen et al., arXiv 2107.03374). `k` is at most `attempts`."""
    if not 1 <= k <= attempts:
        raise ValueError(f"pass@{k} of {attempts} attempts")
    return 1 - comb(attempts - right, k) / comb(attempts, k)


def cons_at(k: int, votes: Sequence[int], silent: int, winner: int | None, seed: int = 0) -> float:
    """The probability that the majority of k attempts, drawn without replacement, is right.

    `votes` counts the attempts for each answer and `silent` those without one; `winner` is the
    place of the right answer in `votes`, None where nobody gave it. A tie is drawn by lot. Exact
    for one attempt and for all, else over 2,000 random subsets.
    """
    total = sum(votes) + silent
    if not 1 <= k <= total:
        raise ValueError(f"cons@{k} of {total} attempts")
    if winner is None:
        return 0.0
    if k == 1:
        return votes[winner] / total
    if k == total:
        drawn = np.array([[*votes, silent]])
    else:
        rng = np.random.default_rng(seed)
        drawn = rng.multivariate_hypergeometric([*votes, silent], k, SUBSETS)
    counts = drawn[:, :-1]
    most = counts.max(axis=1)
    leads = (counts[:, winner] == most) & (most > 0)
    ties = (counts == most[:, None]).sum(axis=1)
    return float(np.mean(np.where(leads, 1 / ties, 0.0)))


def measure(cell: Cell, items: Sequence[Attempts], same: Same) -> Measures:
    """All measures of one cell. Every item needs an attempt."""
    groups = [each.item.group for each in items]
    fewest = min(len(each.grades) for each in items)

    def share(what: Callable[[Prediction, Grade], bool]) -> Interval:
        scores = [
            sum(map(what, each.predictions, each.grades)) / len(each.grades) for each in items
        ]
        return posterior.mean(scores, groups)

    right = [float(each.right) for each in items]
    tokens = [float(sum(p.tokens for p in each.predictions)) for each in items]
    seconds = [sum(p.cost_s for p in each.predictions) for each in items]
    checked = [float(sum(grade.checked for grade in each.grades)) for each in items]
    wrong = [float(sum(grade.wrong for grade in each.grades)) for each in items]
    return Measures(
        cell=cell,
        items=len(items),
        attempts=sum(len(each.grades) for each in items),
        accuracy=posterior.mean([each.score for each in items], groups),
        pass_at=_passes(items, groups, fewest),
        cons_at=_votes(items, groups, fewest, same),
        tokens=int(sum(tokens)),
        seconds=round(sum(seconds), 2),
        tokens_per_right=posterior.cost(tokens, right, groups),
        seconds_per_right=posterior.cost(seconds, right, groups),
        truncated=share(lambda p, _: p.finish_reason == "length" and p.ended_by != "loop"),
        looped=share(lambda p, grade: grade.loops or p.ended_by == "loop"),
        undecided=share(lambda _, grade: grade.state == "undecided"),
        refused=sum(bool(p.refused) for each in items for p in each.predictions),
        wrong_steps=posterior.rate(wrong, checked, groups),
        checked_steps=int(sum(checked)),
        same_language=share(lambda _, grade: grade.same_language),
    )


def _sizes(fewest: int) -> list[int]:
    """1, 2, 4, … and the number of attempts itself."""
    powers = [2**power for power in range(fewest.bit_length()) if 2**power <= fewest]
    return sorted({*powers, fewest})


def _passes(items: Sequence[Attempts], groups: list[str], fewest: int) -> dict[int, Interval]:
    return {
        k: posterior.mean([pass_at(k, len(each.grades), each.right) for each in items], groups)
        for k in _sizes(fewest)
    }


def _votes(
    items: Sequence[Attempts], groups: list[str], fewest: int, same: Same
) -> dict[int, Interval]:
    """cons@k where there are votes to count."""
    if fewest < 2:
        return {}
    counted = [ballots(each, same) for each in items]
    if any(ballot is None for ballot in counted):
        return {}
    found: dict[int, Interval] = {}
    for k in _sizes(fewest):
        scores = [cons_at(k, *ballot) for ballot in counted if ballot is not None]
        found[k] = posterior.mean(scores, groups)
    return found


def ballots(each: Attempts, same: Same) -> tuple[list[int], int, int | None] | None:
    """Votes for each different answer, attempts without one, and the place of the right one; None
    where such answers cannot vote."""
    by_answer: dict[str, int] = defaultdict(int)
    states: dict[str, bool] = {}
    for grade in each.grades:
        if grade.answer is None:
            continue
        leader = next((a for a in by_answer if a == grade.answer), None)
        for known in by_answer if leader is None else ():
            equal = same(each.item, grade.answer, known)
            if equal is None:
                return None
            if equal:
                leader = known
                break
        leader = grade.answer if leader is None else leader
        by_answer[leader] += 1
        states[leader] = states.get(leader, False) or grade.state == "correct"
    votes = list(by_answer.values())
    winner = next((place for place, answer in enumerate(by_answer) if states[answer]), None)
    return votes, len(each.grades) - sum(votes), winner
