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
from lemmata.apps.conjecture.kernels.totals import Total, with_bad
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Reals, Truths, Value
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Connect,
    Node,
    conjunction,
    conjuncts,
    free_names,
)
from lemmata.apps.conjecture.language.write import write

Rows = dict[str, Value]
_FEW = 16
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
        count = _height(rows, low, high)
        low, high = np.broadcast_to(low, (count,)), np.broadcast_to(high, (count,))
        search = _Search(self, node, rows, low, high)
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
        count = _height(rows, low, high)
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
        return _spread(found, count)

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
            alone = {name: _first(v.pick(value, one)) for name, value in rows.items()}
            for start in range(int(low[row]), int(high[row]) + 1, _CHUNK):
                ks = np.arange(start, min(start + _CHUNK, int(high[row]) + 1), dtype=np.int64)
                terms = self._terms(node, {**alone, node.name: Ints(ks)}, len(ks))
                totals.take_all(row, terms)
        return totals.value(np.asarray(high < low))


class _Search:
    """The state of one quantifier over all rows: which still wait for a witness."""

    def __init__(self, binders: Binders, node: Bind, rows: Rows, low: Array, high: Array) -> None:
        self._binders, self._node, self._rows = binders, node, rows
        self._low, self._high = low, high
        self.sure = np.zeros(len(low), dtype=bool)
        self.maybe = np.zeros(len(low), dtype=bool)
        self.witness = np.full(len(low), -1, dtype=np.int64)
        self._waiting = np.flatnonzero(low <= high)
        self._next: Array | int | None = None

    def step(self, values: Array | int) -> bool:
        """Try one value in every waiting row; False once few wait, or none."""
        self._next = values
        if len(self._waiting) <= _FEW:
            return False
        self._binders.check()
        own = values if isinstance(values, int) else values[self._waiting]
        within = self._high[self._waiting] >= own
        here = self._waiting if within.all() else self._waiting[within]
        if len(here) < len(self._waiting):
            self._waiting = here
            own = own if isinstance(own, int) else own[within]
        inner = {name: v.pick(value, here) for name, value in self._rows.items()}
        inner[self._node.name] = Ints(np.asarray(own, dtype=np.int64))
        found = self._binders.failure(self._node, inner)
        sure = np.broadcast_to(found.sure, here.shape)
        self.maybe[here] |= found.maybe
        hit = here[sure]
        self.sure[hit] = True
        self.witness[hit] = own if isinstance(own, int) else own[sure]
        self._waiting = here[~sure]
        self._next = None
        return True

    def one_row_at_a_time(self) -> None:
        """Finish the rows that still wait, from the value that was to be tried next."""
        if self._next is None:
            return
        for row in self._waiting.tolist():
            start = self._next if isinstance(self._next, int) else int(self._next[row])
            self._alone(row, start)

    def _alone(self, row: int, start: int) -> None:
        one = np.array([row])
        alone = {name: _first(v.pick(value, one)) for name, value in self._rows.items()}
        last, size = int(self._high[row]), 1 << 10
        while start <= last:
            self._binders.check()
            ks = np.arange(start, min(start + size, last + 1), dtype=np.int64)
            found = self._binders.failure(self._node, {**alone, self._node.name: Ints(ks)})
            self.maybe[row] |= bool(found.maybe.any())
            hits = np.flatnonzero(np.broadcast_to(found.sure, ks.shape))
            if len(hits):
                self.sure[row], self.witness[row] = True, ks[hits[0]]
                return
            start, size = start + size, min(4 * size, 1 << 20)


def _needed(node: Bind) -> tuple[Node, ...]:
    """What must hold of a value for it to matter: a part of the body, or of an implication's if."""
    if node.kind == "exists":
        return conjuncts(node.body)
    if isinstance(node.body, Connect) and node.body.op == "->":
        return conjuncts(node.body.left)
    return ()


def _height(rows: Rows, *more: Array) -> int:
    heights = [array.shape[0] for array in more if array.ndim]
    for value in rows.values():
        array = value.values if isinstance(value, Ints) else v.real(value).low
        heights += [array.shape[0]] if array.ndim else []
    return max(heights, default=1)


def _first(value: Value) -> Value:
    """A one-row value as one for all rows."""
    match value:
        case Ints(values, bad):
            return Ints(
                values.reshape(-1)[0].reshape(()), None if bad is None else np.asarray(bad.any())
            )
        case Reals(low, high, bad):
            ends = low.reshape(-1)[0].reshape(()), high.reshape(-1)[0].reshape(())
            return Reals(*ends, None if bad is None else np.asarray(bad.any()))
    raise TypeError("no variable holds a truth")


def _spread(value: Value, count: int) -> Value:
    match value:
        case Ints(values, bad):
            spread = None if bad is None else np.broadcast_to(bad, (count,))
            return Ints(np.broadcast_to(values, (count,)), spread)
        case Reals(low, high, bad):
            spread = None if bad is None else np.broadcast_to(bad, (count,))
            return Reals(np.broadcast_to(low, (count,)), np.broadcast_to(high, (count,)), spread)
    raise TypeError("a sum has no truths as terms")
