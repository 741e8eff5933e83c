"""Easy to hard: the order in which rows are learnt, as a file that survives packing and resume.

Difficulty is measured by the base model itself: its mean negative log-likelihood on the tokens to
be learnt (`nll`), or how often it fails to solve the problem (`failure_rate`). Pacing is
competence-based (Platanios et al. 2019, "Competence-based Curriculum Learning for Neural Machine
Translation", https://arxiv.org/abs/1903.09848): at step t of T the learner draws from the easiest

    c(t) = min(1, sqrt(t * (1 - c0^2) / T + c0^2))

of the rows, c0 being the competence at the start. Here each draw is without replacement, so the
first pass sees every row exactly once; since c(t) > t/T there is always one left to draw.
Later passes are plain seeded shuffles.

A run needs to remember one number, how many rows it has taken: `Order.rows(position)` goes on from
there, whatever the packing made of the rows.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lemmata.data.render import Rendered
from lemmata.errors import BadData

START = 0.1
FILE = "order.json"
"""Beside the data that it orders."""


def competence(step: float, steps: float, start: float = START) -> float:
    """The share of the rows, easiest first, that may be drawn at `step` of `steps`."""
    return min(1.0, math.sqrt(step * (1 - start**2) / steps + start**2))


def paced(difficulty: Sequence[float], seed: int, start: float = START) -> list[int]:
    """Row numbers in the order of the first pass. Raises BadData for a difficulty that is NaN."""
    if any(math.isnan(value) for value in difficulty):
        raise BadData("a difficulty is not a number", "Look for rows without tokens to learn.")
    rng, count = random.Random(seed), len(difficulty)
    ties = [rng.random() for _ in difficulty]
    waiting = sorted(range(count), key=lambda row: (difficulty[row], ties[row]))
    pool: list[int] = []
    order: list[int] = []
    for step in range(count):
        ready = max(step + 1, math.ceil(count * competence(step, count, start)))
        pool += waiting[len(pool) + len(order) : ready]
        drawn = rng.randrange(len(pool))
        pool[drawn], pool[-1] = pool[-1], pool[drawn]
        order.append(pool.pop())
    return order


def nll(rendered: Rendered, score: Callable[[Sequence[int]], Sequence[float]]) -> float:
    """Mean negative log-likelihood in nats a learnt token.

    `score` gives the log-probability of each token after the first, len(ids) - 1 values.
    """
    learnt = score(rendered.ids)[rendered.start - 1 :]
    return -sum(learnt) / len(learnt)


def failure_rate(solved: Sequence[bool]) -> float:
    """1 - c/k for c solved of k attempts: one minus the unbiased estimate of pass@1."""
    return 1 - sum(solved) / len(solved)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of one data file: `data_sha256` is the file's hash, `first` the first pass."""

    data_sha256: str
    measure: str
    seed: int
    start: float
    difficulty: tuple[float, ...]
    first: tuple[int, ...]

    @classmethod
    def of(cls, sha256: str, measure: str, difficulty: Sequence[float], seed: int) -> Order:
        """Pace rows of these difficulties."""
        first = tuple(paced(difficulty, seed))
        return cls(sha256, measure, seed, START, tuple(difficulty), first)

    def rows(self, position: int = 0) -> Iterator[int]:
        """Row numbers from the `position`-th on (from 0), pass after pass without end."""
        epoch, at = divmod(position, len(self.first))
        while True:
            yield from islice(self._pass(epoch), at, None)
            epoch, at = epoch + 1, 0

    def _pass(self, epoch: int) -> Sequence[int]:
        if epoch == 0:
            return self.first
        rows = list(range(len(self.first)))
        random.Random(f"{self.seed} {epoch}").shuffle(rows)
        return rows

    def to_json(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def load(path: Path, data_sha256: str) -> Order:
    """An order file. Raises BadData where it is broken or belongs to other data."""
    try:
        fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
        difficulty, first = tuple(fields.pop("difficulty")), tuple(fields.pop("first"))
        order = Order(**fields, difficulty=difficulty, first=first)
        sound = sorted(order.first) == list(range(len(order.difficulty)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadData(f"{path} is no order file: {error}", "Run `lemmata data prepare`.") from error
    if not sound:
        raise BadData(f"{path} does not name each row once", "Run `lemmata data prepare` again.")
    if order.data_sha256 != data_sha256:
        raise BadData(f"{path} orders other data", "Run `lemmata data prepare` again.")
    return order
