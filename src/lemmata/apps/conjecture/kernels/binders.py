"""Quantifiers and sums over vectors.

Three ways, by the shape of the work: `together`, one value of the bound variable for all rows
that still wait; `apart`, all values for one row; and for sums from a fixed start whose terms know
only the bound variable, `running`, where each block continues the total of the block before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lemmata.apps.conjecture.kernels import vectors as v
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.rows import Rows, first, height, spread
from lemmata.apps.conjecture.kernels.totals import Total, with_bad
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Reals, Truths, Value
from lemmata.apps.conjecture.kernels.witnesses import WitnessSearch
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Connect,
    Node,
    conjunction,
    conjuncts,
    free_names,
)
from lemmata.apps.conjecture.language.write import write

_CHUNK = 1 << 16


class Binders:
    """Evaluates binders; `value` of nodes inside them comes from the vector evaluator."""

    def __init__(self, value: Callable[[Node, Rows], Value], clock: Clock) -> None:
        self._value = value
        self._clock = clock
        self._running: dict[str, tuple[int, Any]] = {}
        self._depth = 0
        self.witnesses: Array | None = None
        """Of the outermost `exists` evaluated last: the least witness of each row, or -1."""

    @property
    def state(self) -> dict[str, Any]:
        """The running totals as JSON; floats as their exact hexadecimal form."""
        return {
            key: [at, total if isinstance(total, int) else [end.hex() for end in total]]
            for key, (at, total) in self._running.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._running.clear()
        for key, (at, total) in state.items():
            ends = tuple(map(float.fromhex, total)) if isinstance(total, list) else int(total)
            self._running[key] = (int(at), ends)

    def value(self, node: Bind, rows: Rows) -> Value:
        low, high = self._value(node.low, rows), self._value(node.high, rows)
        assert isinstance(low, Ints)
        assert isinstance(high, Ints)
        bad = v.either(low.bad, high.bad)
        self._depth += 1
        try:
            if node.kind in {"exists", "forall"}:
                return self._quantify(node, rows, low.values, high.values, bad)
            return self._gather(node, rows, low.values, high.values, bad)
        finally:
            self._depth -= 1

    # Quantifiers: `forall` is `exists` of a failure, so one search serves both.

    def _quantify(
        self, node: Bind, rows: Rows, low: Array, high: Array, bad: Array | None
    ) -> Truths:
        count = height(rows, low, high)
        low, high = np.broadcast_to(low, (count,)), np.broadcast_to(high, (count,))
        search = WitnessSearch(self, node, rows, low, high)
        for values in self._candidates(node, rows, low, high):
            if not search.step(values):
                break
        search.one_row_at_a_time()
        if node.kind == "exists" and self._depth == 1:
            self.witnesses = search.witness
        found = Truths(search.sure, search.maybe | search.sure)
        if bad is not None:
            found = Truths(found.sure & ~bad, found.maybe | bad)
        return found if node.kind == "exists" else v.deny(found)

    def _candidates(self, node: Bind, rows: Rows, low: Array, high: Array) -> Iterator[Array | int]:
        """Values for all rows at once: plain numbers where every row starts at one place (and
        those that cannot witness anything left out), else each row's own."""
        first, last = int(low.min(initial=0)), int(high.max(initial=-1))
        if (low != first).any():
            for step in range(int((high - low).max(initial=-1)) + 1):
                yield low + step
            return
        sieve = conjunction(tuple(p for p in _needed(node) if free_names(p) == {node.name}))
        size = 64
        while first <= last:
            ks = np.arange(first, min(first + size, last + 1), dtype=np.int64)
            if sieve is not None:
                found = self._value(sieve, {**rows, node.name: Ints(ks)})
                assert isinstance(found, Truths)
                ks = ks[np.broadcast_to(found.maybe, ks.shape)]
            yield from ks.tolist()
            first, size = first + size, min(4 * size, _CHUNK)

    def failure(self, node: Bind, rows: Rows) -> Truths:
        """What `exists` searches for: the body, or for `forall` its denial."""
        found = self._value(node.body, rows)
        assert isinstance(found, Truths)
        return found if node.kind == "exists" else v.deny(found)

    def check(self) -> None:
        self._clock.check()

    # Sums and their kin.

    def _gather(self, node: Bind, rows: Rows, low: Array, high: Array, bad: Array | None) -> Value:
        count = height(rows, low, high)
        if node.kind in {"sum", "count"} and low.ndim == 0 and free_names(node.body) <= {node.name}:
            found = self._run_on(node, int(low), high)
            if found is not None:
                return with_bad(found, bad)
        low, high = np.broadcast_to(low, (count,)), np.broadcast_to(high, (count,))
        longest = int((high - low).max(initial=-1)) + 1
        apart = longest > 2 * count
        total = (
            self._apart(node, rows, low, high)
            if apart
            else self._together(node, rows, low, high, longest)
        )
        return with_bad(total, bad)

    def _run_on(self, node: Bind, low: int, high: Array) -> Value | None:
        """Prefix sums, continued from where the block before ended. None: ask otherwise."""
        key = write(node)
        at, total = self._running.get(key, (low - 1, 0))
        if not high.size:
            return Ints(np.zeros(high.shape, dtype=np.int64))
        least, last = int(high.min()), max(int(high.max()), at)
        if least < at or last - at > 1 << 25:
            # Not a later block but some other points: start anew, and do not remember it.
            at, total = low - 1, 0
            if last - at > 1 << 25:
                return None
            remember = False
        else:
            remember = self._depth == 1
        ks = Ints(np.arange(at + 1, last + 1, dtype=np.int64))
        terms = self._terms(node, {node.name: ks}, len(ks.values))
        if isinstance(terms, Ints) and isinstance(total, int):
            if terms.bad is not None:
                return None
            sums = np.concatenate(([total], total + np.cumsum(terms.values)))
            if remember:
                self._running[key] = (last, int(sums[-1]))
            return Ints(sums[np.maximum(high, low - 1) - at])
        return self._run_on_reals(key, at, last, total, v.real(terms), high, low, remember)

    def _run_on_reals(
        self, key: str, at: int, last: int, total: Any, terms: Reals, high: Array, low: int,
        remember: bool,
    ) -> Value | None:  # fmt: skip
        if terms.bad is not None:
            return None
        start = total if isinstance(total, tuple) else (float(total), float(total))
        # Each addition of a running sum errs by half a unit of a partial sum at most.
        sizes = np.cumsum(np.maximum(abs(terms.low), abs(terms.high))) + max(map(abs, start))
        error = sizes * (np.arange(1, len(sizes) + 1) * 2.3e-16) + 5e-324
        lows = np.concatenate(([start[0]], start[0] + np.cumsum(terms.low) - error))
        highs = np.concatenate(([start[1]], start[1] + np.cumsum(terms.high) + error))
        if remember:
            self._running[key] = (last, (float(lows[-1]), float(highs[-1])))
        index = np.maximum(high, low - 1) - at
        return Reals(lows[index], highs[index])

    def _terms(self, node: Bind, rows: Rows, count: int) -> Value:
        """The terms in (count,) rows; of a `count`, 1 where the body holds."""
        found = self._value(node.body, rows)
        if isinstance(found, Truths):
            unsure = v.marked(np.broadcast_to(found.maybe & ~found.sure, (count,)))
            return Ints(np.broadcast_to(found.sure, (count,)).astype(np.int64), unsure)
        return spread(found, count)

    def _together(self, node: Bind, rows: Rows, low: Array, high: Array, longest: int) -> Value:
        """Step through the range, all rows at once."""
        totals = Total(node.kind, len(low))
        for step in range(longest):
            self.check()
            here = np.flatnonzero(low + step <= high)
            inner = {name: v.pick(value, here) for name, value in rows.items()}
            inner[node.name] = Ints((low + step)[here])
            totals.take(here, self._terms(node, inner, len(here)))
        return totals.value(np.asarray(high < low))

    def _apart(self, node: Bind, rows: Rows, low: Array, high: Array) -> Value:
        """One row after another, its whole range at once."""
        totals = Total(node.kind, len(low))
        for row in range(len(low)):
            self.check()
            if low[row] > high[row]:
                continue
            one = np.array([row])
            alone = {name: first(v.pick(value, one)) for name, value in rows.items()}
            for start in range(int(low[row]), int(high[row]) + 1, _CHUNK):
                ks = np.arange(start, min(start + _CHUNK, int(high[row]) + 1), dtype=np.int64)
                terms = self._terms(node, {**alone, node.name: Ints(ks)}, len(ks))
                totals.take_all(row, terms)
        return totals.value(np.asarray(high < low))


def _needed(node: Bind) -> tuple[Node, ...]:
    """What must hold of a value for it to matter: a part of the body, or of an implication's if."""
    if node.kind == "exists":
        return conjuncts(node.body)
    if isinstance(node.body, Connect) and node.body.op == "->":
        return conjuncts(node.body.left)
    return ()
