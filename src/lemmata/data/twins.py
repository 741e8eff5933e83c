"""Near duplicates by MinHash (Broder 1997; datasketch), joined at the end so that many rows fit.

A row costs about 0.5 KiB: 126 minima of its problem and 64 of its completion, 16 bits kept of each
(what that adds to the similarity of unlike rows is under 2^-16), and a hash of the numbers in it.
Similarity is the estimated Jaccard index of the sets of 3-grams. Two rows are

* twins, where their problems are at least `near` similar: they never straddle the split;
* duplicates, where besides the numbers in the problem are the same and the completions are `near`
  similar too: the later one is dropped. A variant with other numbers, or another derivation of the
  same problem, is no duplicate: both teach.

Candidates come from locality-sensitive hashing: 18 bands of 7 minima find a pair of similarity s
with probability 1 - (1 - s^7)^18: 98.5 % at 0.8, 99.96 % at 0.87, 0.8 % at 0.3 (then refuted).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lemmata.data import ngrams
from lemmata.errors import MissingExtra

BANDS, BAND = 18, 7
_PROBLEM, _COMPLETION = BANDS * BAND, 64
_SHINGLE = 3
_WORK = 4_000_000
"""Comparisons spent on one bucket; what is then left of it (rows of one template) is joined as it
is, which errs on the side of keeping twins together."""

Minima = NDArray[np.uint16]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Found:
    """`cluster[i]` is the lowest row that row i is tied to by twins; `duplicate_of` maps each row
    to be dropped to the earlier one that it repeats."""

    cluster: Rows
    duplicate_of: dict[int, int]


class Twins:
    """Collects rows one by one (indices in the order added), then finds clusters and duplicates."""

    def __init__(self, near: float) -> None:
        self._near = near
        self._sketch = _Sketcher()
        self._problems, self._completions = array("H"), array("H")
        self._numbers, self._origins = array("Q"), array("q")

    def add(self, problem: Sequence[str], completion: Sequence[str], origin: int) -> None:
        """A row's tokens; rows of one `origin` (one conversation) are never duplicates."""
        self._problems.frombytes(self._sketch.minima(problem, _PROBLEM).tobytes())
        self._completions.frombytes(self._sketch.minima(completion, _COMPLETION).tobytes())
        self._numbers.append(ngrams.digest(ngrams.numbers(problem)))
        self._origins.append(origin)

    def find(self) -> Found:
        """Clusters and duplicates of all rows added."""
        problems = np.frombuffer(self._problems, np.uint16).reshape(-1, _PROBLEM)
        forest = Forest(len(problems))
        repeats = _Repeats(self._near, problems, self._completions, self._numbers, self._origins)
        for band in range(BANDS):
            minima = np.ascontiguousarray(problems[:, band * BAND : (band + 1) * BAND])
            for bucket in _buckets(minima):
                _join(bucket, problems, self._near, forest)
                repeats.search(bucket)
        return Found(forest.roots(), repeats.of)


class _Repeats:
    """Finds, bucket by bucket, rows that repeat an earlier one; `of` maps later to earlier."""

    def __init__(
        self, near: float, problems: Minima, completions: array[int], numbers: array[int],
        origins: array[int],
    ) -> None:  # fmt: skip
        self._near, self._problems = near, problems
        self._completions = np.frombuffer(completions, np.uint16).reshape(-1, _COMPLETION)
        self._numbers, self._origins = np.array(numbers), np.array(origins)
        self.of: dict[int, int] = {}

    def search(self, bucket: Rows) -> None:
        """Compare the rows of a bucket that have the same numbers."""
        for group in _groups(self._numbers[bucket]):
            rows = bucket[group]
            for at, first in enumerate(rows[:-1].tolist()):
                if first not in self.of:
                    for second in rows[at + 1 :][self._repeat(first, rows[at + 1 :])].tolist():
                        self.of.setdefault(second, first)

    def _repeat(self, first: int, rest: Rows) -> NDArray[np.bool_]:
        same = self._origins[rest] != self._origins[first]
        same &= _similarity(self._problems, first, rest) >= self._near
        same &= _similarity(self._completions, first, rest) >= self._near
        return np.asarray(same)


def _buckets(minima: Minima) -> Iterator[Rows]:
    """Groups of at least two rows with equal minima, members ascending."""
    if len(minima):
        keys = minima.view(np.dtype((np.void, minima.shape[1] * 2))).ravel()
        yield from _groups(keys)


def _groups(keys: NDArray[Any]) -> Iterator[Rows]:
    """Indices of equal keys, ascending, where a key occurs more than once."""
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(sizes)
    for at in np.flatnonzero(sizes > 1):
        yield order[ends[at] - sizes[at] : ends[at]]


def _join(bucket: Rows, problems: Minima, near: float, forest: Forest) -> None:
    """Tie the rows of a bucket that are twins, directly or through others of the bucket."""
    left, spent = bucket, 0
    while len(left) > 1:
        reached, left = [int(left[0])], left[1:]
        while reached and len(left):
            lead = reached.pop()
            spent += len(left)
            alike = (
                _similarity(problems, lead, left) >= near
                if spent < _WORK
                else np.ones(len(left), bool)
            )
            for row in left[alike].tolist():
                forest.join(lead, row)
                reached.append(row)
            left = left[~alike]


def _similarity(minima: Minima, first: int, rest: Rows) -> NDArray[np.float64]:
    return np.asarray((minima[rest] == minima[first]).mean(axis=1))


class Forest:
    """Disjoint sets; the root of a set is its lowest row."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def join(self, left: int, right: int) -> None:
        low, high = sorted((self.root(left), self.root(right)))
        self._parent[high] = low

    def roots(self) -> Rows:
        return np.array([self.root(row) for row in range(len(self._parent))], np.intp)


class _Sketcher:
    """MinHash minima of token sequences, one set of permutations for all."""

    def __init__(self) -> None:
        try:
            from datasketch import MinHash
        except ImportError as error:
            raise MissingExtra("datasketch", "data") from error
        self._empty = {
            count: MinHash(num_perm=count, hashfunc=int) for count in (_PROBLEM, _COMPLETION)
        }

    def minima(self, words: Sequence[str], count: int) -> Minima:
        """Shape [count]: the low 16 bits of each minimum over the 3-grams of the tokens."""
        grams = ngrams.hashes(words, min(_SHINGLE, max(1, len(words))))
        sketch = self._empty[count].copy()
        sketch.update_batch((grams >> np.uint64(32)).tolist())
        return np.asarray(sketch.hashvalues).astype(np.uint16)
